// The wording of the answers of `trace`.
//
// Thread-safety: pure functions.
#pragma once

#include <string>

#include "verify/trace/trace.h"

namespace wmk::library {

// A sentence without its full stop; a conditional claim states its conditions in it.
std::string finding(const verify::Trace& found);

}  // namespace wmk::library
