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
  const Family* family = nullptr;
  size_t recognised = 0;  // tensors
  bool has_embedding = false;
  bool has_ffn = false;

  bool applies() const { return has_embedding && has_ffn; }
};

// Those that recognise most first; equal ones in the order given.
std::vector<Candidate> rank_candidates(const NameTable& names,
                                       std::span<const Family* const> families);

// The Error for a checkpoint that no family applies to: lists the families that came closest and
// what the best one does not know.
Error nothing_applies(const std::vector<Tensor>& tensors, const NameTable& names,
                      std::span<const Candidate> ranked);

}  // namespace wmk::checkpoint
