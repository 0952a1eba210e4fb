// What to do next where verify says no.
//
// Lifetime: an answer refers to what its caller owns. Thread-safety: pure functions.
#pragma once

#include <string>

#include "cli/verify_answer.h"

namespace wmk::cli {

// "  next: ..." for the first reason that something can be done about, or empty.
std::string advice_text(const VerifyAnswer& answer);

}  // namespace wmk::cli
