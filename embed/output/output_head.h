// The output head of a model: which tensor it is, and whether it can carry a mark (specs/output.md
// 2).
//
// Purpose: one answer for marking, reading and inspection. Lifetime: refers to tensors by index.
// Thread-safety: pure functions; they read the checkpoint.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "checkpoint/layout/anatomy.h"

namespace wmk::embed {

struct OutputHead {
  size_t tensor = 0;  // [rows, width]; the embedding if the head is tied
  uint64_t rows = 0;  // V, padded rows included
  bool tied = false;  // the head is the embedding
  // A tensor that holds the same bytes as the embedding: marked with it.
  std::optional<size_t> copy;
  std::string missing;  // why there is none that can be read; else empty
};

// Head and embedding with equal bytes are one head. A head of other bytes is one of its own; where
// config.json declares it to be tied, some loaders take the embedding, which comes second. Never
// empty; the only one may be missing. Errors: reading.
Result<std::vector<OutputHead>> find_output_heads(const checkpoint::Checkpoint& checkpoint,
                                                  const checkpoint::Anatomy& anatomy);
// The first of them.
Result<OutputHead> find_output_head(const checkpoint::Checkpoint& checkpoint,
                                    const checkpoint::Anatomy& anatomy);

// Why this head is not marked in `shares` shares, or empty: no head, integers or blocks, a lower
// bound of z under kOutputExpectedMin.
std::string output_not_markable(const checkpoint::Checkpoint& checkpoint,
                                const checkpoint::Anatomy& anatomy, const OutputHead& head,
                                unsigned shares);

}  // namespace wmk::embed
