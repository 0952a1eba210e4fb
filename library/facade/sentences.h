// What detection and tracing found, as values and sentences of the facade.
//
// Thread-safety: pure functions.
#pragma once

#include <string>

#include "verify/detect.h"
#include "verify/trace/trace.h"
#include "weightmark/trace.h"

namespace wmk::library {

weightmark::Verdict public_verdict(report::Level level);
// What it rests on, in words.
std::vector<std::string> condition_words(const verify::Claim& claim);

// `key`: its fingerprint. Without notes about files, and without the time.
weightmark::Detection public_detection(const verify::Detection& found, const std::string& key);
weightmark::Trace public_trace(const verify::Trace& found, const std::string& key);
std::vector<weightmark::LicenseeZ> public_licensees(const std::vector<verify::LicenseeZ>& best);

}  // namespace wmk::library
