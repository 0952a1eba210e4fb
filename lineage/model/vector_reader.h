// Reads vectors of a model many at a time and keeps its memory from call to call.
//
// Purpose: columns of a matrix are short pieces of every stored row, so that wide blocks of them
// are read at once and widened in parts; of a basis that keeps few coordinates, only their rows are
// read. Lifetime: owns its buffers; the basis outlives a block. Thread-safety: one thread.
#pragma once

#include <functional>

#include "checkpoint/layout/unit_block.h"
#include "lineage/model/model_pair.h"
#include "lineage/model/sampling.h"

namespace wmk::lineage {

class VectorReader {
 public:
  // Vectors [first, first + count) of the source, one a row of source.width() numbers. The rows may
  // be changed or moved away; the next call reuses them.
  Result<std::vector<float>*> read(const VectorSource& source, uint64_t first, uint64_t count);

  // Calls use(rows, number of the first, how many) for all of `count` vectors in order, at most
  // kVectorsATime at once.
  static constexpr uint64_t kVectorsATime = 256;
  using Use = std::function<Status(std::vector<float>& rows, uint64_t first, uint64_t count)>;
  Status for_each(const VectorSource& source, uint64_t count, const Use& use);

  // The vectors of `runs`, one after the other. All groups have the same basis.
  using SourceOf = std::function<VectorSource(size_t group)>;
  Result<std::vector<float>*> read_runs(const std::vector<NeuronRun>& runs,
                                        const SourceOf& source_of);

 private:
  // Reads a block as stored; its vectors are then widened in parts.
  Status load(const VectorSource& source, uint64_t first, uint64_t count);
  Status load_kept(const VectorSource& source, uint64_t first, uint64_t count);
  std::vector<float>& part(const VectorSource& source, uint64_t first, uint64_t count);
  std::vector<float>& finish(const VectorSource& source, uint64_t count);
  // Those of one group, from row `row` of the sample on, before norm and basis.
  Status add_runs(const VectorSource& source, std::span<const NeuronRun> runs, uint64_t row);
  Status add_columns(const VectorSource& source, std::span<const NeuronRun> runs, uint64_t row);

  checkpoint::RawBlock block_;
  Basis::Moved kept_;  // not empty: the coordinates that were read
  std::vector<float>
      unpacked_;  // the block, if its vectors come in runs or are of kept coordinates
  std::vector<float> stored_, rows_, mapped_, sampled_;
  uint64_t loaded_ = 0;  // vectors of the block
};

}  // namespace wmk::lineage
