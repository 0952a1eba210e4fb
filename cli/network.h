// Models over the network, as commands speak of them (specs/remote.md).
//
// Thread-safety: main thread only.
#pragma once

#include <string>

#include "base/json.h"
#include "library/models/on_disk.h"
#include "remote/localise.h"

namespace wmk::cli {

// "  read 1.2 MB of 16.1 GB over the network in 40 requests\n", or nothing.
std::string network_line();
// The member `network`: {"bytes", "requests", "size"} or null.
void write_network(json::Writer& out);

using library::check_on_disk;

}  // namespace wmk::cli
