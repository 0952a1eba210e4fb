// The ways in which a suspect's tokens may be labelled (axis "labels" of the readings).
//
// Purpose: a suspect's tokenizer may declare a wrong decoder, or stand before the true one in the
// order in which files are opened; so each other file and each other decoder is a variant.
// Lifetime: plain values. Thread-safety: pure functions; they read the file system.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"

namespace wmk::checkpoint {

struct LabelVariant {
  std::string file = {};  // in the folder; empty: the weights file itself or, without tokens
                          // there, the first tokenizer file
  LabelRule rule = LabelRule::declared;
  std::string words = {};  // "tokens of vocab.json"; empty: as declared
};

// As declared, then each other tokenizer file of the folder, then the other decoders with the
// declared file (with the first readable one if that is faulty). Variants that cannot be read, that
// name no token or that give the labels of an earlier one are left out. Reads all of these files.
std::vector<LabelVariant> label_variants(const Checkpoint& checkpoint, uint64_t rows);

// The labels of a variant, as read_vocabulary_or_fault().
Result<Vocabulary> read_vocabulary(const Checkpoint& checkpoint, uint64_t rows,
                                   const LabelVariant& variant);

}  // namespace wmk::checkpoint
