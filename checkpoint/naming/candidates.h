// How much of a checkpoint each family recognises by name.
//
// Lifetime: a Candidate points to its family. Thread-safety: pure functions.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "checkpoint/naming/name_table.h"

namespace wmk::checkpoint {

struct Candidate {
  const NamingFamily* family = nullptr;
  size_t recognised = 0;  // tensors
  bool has_embedding = false;
  bool has_ffn = false;

  bool applies() const { return has_embedding && has_ffn; }
};

// Sorted by the number of recognised tensors, largest first; equal ones in the given order.
std::vector<Candidate> rank_candidates(const NameTable& names,
                                       std::span<const NamingFamily* const> families);

// The Error for a checkpoint that no family applies to. It lists the closest families and the
// tensors that the best one does not know.
Error nothing_applies(const std::vector<Tensor>& tensors, const NameTable& names,
                      std::span<const Candidate> ranked);

}  // namespace wmk::checkpoint
