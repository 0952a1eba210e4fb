// The wording of a ruling (specs/arbitration.md 4).
//
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "claims/arbitrate/finding.h"
#include "claims/arbitrate/weight.h"

namespace wmk::library {

// The ruling as a sentence without its full stop. `is_model`: the suspect is a model, not logits.
std::string ruling_sentence(claims::Ruling ruling, bool is_model);
// What the ruling does not say.
std::string_view ruling_meaning(claims::Ruling ruling);
// "p < 10^-210 for 1 commitment; an e-value of at least 10^95 with lambda 12".
std::string weight_words(const claims::Weight& weight);

}  // namespace wmk::library
