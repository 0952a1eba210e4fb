// The headline of a failed verification, and what to do next.
//
// Lifetime: an answer refers to objects that its caller owns. Thread-safety: pure functions.
#pragma once

#include <string>

#include "cli/verify/verify_answer.h"

namespace wmk::cli {

// The first line, which starts with "bad: ".
std::string headline_of_no(const VerifyAnswer& answer);
// "  next: ..." for the first reason that has a remedy, or empty.
std::string advice_text(const VerifyAnswer& answer);

}  // namespace wmk::cli
