// What libcurl may do: protocols, certificates, times. See remote/exchange.h.
//
// Thread-safety: one caller for one handle.
#pragma once

namespace wmk::remote {

// `handle` is a CURL*, whose header stays out of this one.
void set_limits(void* handle);

// Whether a CURLcode means a broken connection, or one that the server ended too soon.
bool is_passing(int code);

}  // namespace wmk::remote
