// The marker of the output head: turns random directions of its span a little towards keyed signs
// (specs/output.md 2).
//
// Purpose: two passes over the head's rows: lengths along the directions, then adding and rounding.
// Thread-safety: one caller; starts its own workers. The output is the same for any number of them.
#pragma once

#include "base/progress.h"
#include "checkpoint/write/copy.h"
#include "embed/output/output_head.h"
#include "embed/output/output_signs.h"

namespace wmk::embed {

// What one share, or a licensee, adds to a head.
struct OutputMark {
  OutputSigns signs;
  WipedVector<int8_t> directions;  // pairs x width
};

struct OutputMarking {
  const OutputHead& head;
  size_t pairs = 0;
  double energy = 0;  // f
  const crypto::SecretBytes& rounding_key;
  unsigned threads = 1;
  Progress* progress = nullptr;
};

// How much a mark changed.
struct OutputChange {
  double difference_squared = 0;  // before rounding
  double norm_squared = 0;
  uint64_t rows = 0;     // all, including those that were skipped
  uint64_t skipped = 0;  // they hold NaN or infinity

  OutputChange& operator+=(const OutputChange& other);
  // ||delta W|| / ||W||.
  double relative() const;
};

// Writes the marked head into `copy`: to its tensor, and to one that holds the same bytes. Every
// byte of these tensors is written.
Result<OutputChange> write_output(const checkpoint::Checkpoint& checkpoint,
                                  const std::vector<OutputMark>& marks,
                                  const OutputMarking& marking,
                                  const checkpoint::CheckpointCopy& copy);

}  // namespace wmk::embed
