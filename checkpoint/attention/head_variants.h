// Other heads for the same tensors: other sizes, and the matrices of attention under each other's
// names (specs/readings.md 1).
//
// Purpose: numbers of heads and names of matrices are the suspect's owner's words. Thread-safety:
// pure functions; norm weights are read.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/layout/anatomy.h"

namespace wmk::checkpoint {

struct HeadVariant {
  std::string words;  // "heads of 64 values"
  Anatomy anatomy;
};

// First those in which other matrices are values and outputs (queries and keys are what is left),
// as far as shapes allow; then other sizes of a head. None where values pass a latent.
std::vector<HeadVariant> head_variants(const Checkpoint& checkpoint, const Anatomy& anatomy,
                                       const Config& config);

}  // namespace wmk::checkpoint
