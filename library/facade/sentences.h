// What detection found, as values and sentences of the facade.
//
// Thread-safety: pure functions.
#pragma once

#include <string>

#include "verify/detect.h"
#include "weightmark/detect.h"

namespace wmk::library {

// `key`: its fingerprint. Without notes about files, and without the time.
weightmark::Detection public_detection(const verify::Detection& found, const std::string& key);

}  // namespace wmk::library
