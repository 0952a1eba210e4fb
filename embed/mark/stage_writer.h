// Writes the weights of a marked copy: neurons and heads are changed, everything else is copied
// byte for byte.
//
// Purpose: one pass over the files of a stage by all workers. Lifetime: refers to what it writes.
// Thread-safety: one caller; write() starts its own workers.
#pragma once

#include "base/progress.h"
#include "checkpoint/write/copy.h"
#include "embed/mark/head_marker.h"
#include "embed/mark/marker.h"
#include "embed/mark/stages.h"
#include "embed/resume/journal.h"

namespace wmk::embed {

struct WriteOptions {
  unsigned threads = 1;
  uint64_t block_bytes = 0;  // how much of each matrix is processed at a time
  Progress* progress = nullptr;
};

struct MarkedWeights {
  const checkpoint::Checkpoint& checkpoint;
  const checkpoint::Anatomy& anatomy;
  const checkpoint::CheckpointCopy& copy;
  const Marker* ffn;                   // null: neurons are copied
  const HeadMarker* heads;             // null: heads are copied
  const std::vector<size_t>& written;  // tensors that were written before
};

class StageWriter {
 public:
  // Error (unsupported): a tensor of which only a part belongs to neurons.
  static Result<StageWriter> make(const MarkedWeights& what, const WriteOptions& options);

  // Adds to `change` what was changed. Output and sums are the same for any options. What only
  // concerns finished files of the copy is left out.
  Status write(const Stage& stage, StageChange& change) const;

 private:
  StageWriter(const MarkedWeights& what, const WriteOptions& options)
      : what_(what), options_(options) {}
  std::vector<checkpoint::UnitBlock> blocks_of(const Stage& stage) const;
  std::vector<size_t> heads_of(const Stage& stage) const;
  std::vector<checkpoint::CheckpointCopy::Piece> pieces_of(const Stage& stage) const;
  bool all_finished(const std::vector<size_t>& files) const;

  MarkedWeights what_;
  WriteOptions options_;
  std::vector<checkpoint::CheckpointCopy::Piece> pieces_;
};

}  // namespace wmk::embed
