// The one place that starts libsodium.
//
// Purpose: every function of this room that calls libsodium asks for it first. Lifetime: once a
// process. Thread-safety: any thread.
#pragma once

namespace wmk::crypto {

void require_sodium();

}  // namespace wmk::crypto
