// Where verify says no: what about, and what to do next.
//
// Lifetime: an answer refers to what its caller owns. Thread-safety: pure functions.
#pragma once

#include <string>

#include "cli/verify/verify_answer.h"

namespace wmk::cli {

// The first line of a no: what it is about, from "bad: ".
std::string headline_of_no(const VerifyAnswer& answer);
// "  next: ..." for the first reason that something can be done about, or empty.
std::string advice_text(const VerifyAnswer& answer);

}  // namespace wmk::cli
