// Unit gate rows of a model, layer by layer.
//
// Purpose: of a suspect, only what its owner cannot choose freely: neurons with one gate direction
// in one FFN are one neuron, and neurons of next to no strength are left out. Lifetime: refers to
// the model. Thread-safety: one caller; starts its own workers, with the same rows for any number.
#pragma once

#include <map>
#include <utility>

#include "neurons/rows/row_source.h"

namespace wmk::neurons {

// Half of a layer's strength is in neurons at least as strong as the typical one. Neurons weaker
// than this part of it are left out.
inline constexpr double kWeakest = 1.0 / 256;

enum class RowChoice { all, strong };

class GateRows : public RowSource {
 public:
  // `basis`: coordinates of all rows (written_span.h); no rows: as stored.
  GateRows(const Model& model, Rows basis, RowChoice choice);

  size_t layers() const override { return layers_.size(); }
  uint64_t layer_number(size_t layer) const override;

  // Unit gate rows, in panels at even distances.
  Result<Rows> read(size_t layer, uint64_t limit, unsigned threads, const Keep& keep) override;

 private:
  struct Panel {
    size_t group = 0;
    uint64_t first = 0, units = 0;
    size_t start = 0;  // its first row among those of all panels
  };
  std::vector<Panel> panels(size_t layer, uint64_t limit) const;
  Result<Rows> gates(const std::vector<Panel>& panels, std::span<const uint32_t> wanted,
                     unsigned threads) const;
  // Numbers of the rows of the panels that count; `rows`: all of them.
  Result<std::vector<uint32_t>> choose(const std::vector<Panel>& panels, const Rows& rows,
                                       unsigned threads) const;
  // Reads a sample and notes which of its rows count.
  Result<Rows> read_first(const std::vector<Panel>& sample, unsigned threads, const Keep& keep,
                          std::vector<uint32_t>& chosen) const;

  RowChoice choice_;
  std::vector<std::vector<size_t>> layers_;  // groups
  // Which rows of a sample were chosen, by layer and limit.
  std::map<std::pair<size_t, uint64_t>, std::vector<uint32_t>> chosen_;
};

}  // namespace wmk::neurons
