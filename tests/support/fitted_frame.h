// What a dishonest claimant can do: a frame, or a tokenizer, that is fitted to an innocent model.
//
// Lifetime: values. Thread-safety: one caller.
#pragma once

#include "tests/support/marking.h"

namespace wmk::test {

// A frame of share 0 in which the model shows the mark of `key`, though it has none: half of the
// rows are turned towards the directions that their carriers ask for.
embed::Frame fitted_frame(const MarkableModel& model, const crypto::SecretBytes& key);

// The labels of the model in an order for which its own frame comes close to `frame`.
std::vector<std::string> fitted_labels(const MarkableModel& model, const crypto::SecretBytes& key,
                                       const embed::Frame& frame);

}  // namespace wmk::test
