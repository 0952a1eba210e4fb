// Notes about a model that was opened: what is odd about its files, tensors and tokenizer.
//
// Purpose: the same sentences on stderr, in JSON and on pages. Lifetime: values. Thread-safety:
// pure functions; they look at the folder.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "checkpoint/layout/anatomy.h"
#include "checkpoint/text/tokenizer.h"

namespace wmk::library {

// Sentences without their full stop; none if nothing is odd.
std::vector<std::string> model_notes(const checkpoint::Checkpoint& checkpoint,
                                     const checkpoint::Anatomy& anatomy,
                                     const checkpoint::Vocabulary& vocabulary);

}  // namespace wmk::library
