// The wording of what logits show.
//
// Thread-safety: pure functions.
#pragma once

#include <string>

#include "verify/logits/logits_detect.h"

namespace wmk::library {

// A sentence without its full stop. `key`: a fingerprint, or "the key".
std::string finding(const verify::LogitsDetection& found, const std::string& key);

}  // namespace wmk::library
