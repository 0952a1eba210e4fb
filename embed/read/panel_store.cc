#include "embed/read/panel_store.h"

#include "stats/bf16/gemm.h"
#include "stats/vectors.h"

namespace wmk::embed {

void PanelStore::resize(size_t units, size_t columns, bool gated) {
  panels_.resize((units + checkpoint::kPanelUnits - 1) / checkpoint::kPanelUnits);
  columns_ = columns;
  gated_ = gated;
}

float& PanelStore::y(VectorKind kind, size_t column, size_t unit) {
  Panel& panel = panel_of(unit);
  return panel.y[kind][column * panel.units + unit % checkpoint::kPanelUnits];
}

void PanelStore::clear(size_t unit) {
  for (VectorKind kind : kVectorKinds) {
    if (!has_vector(kind, gated_)) continue;
    for (size_t c = 0; c < columns_; ++c) y(kind, c, unit) = 0;
  }
}

void PanelStore::gather(std::span<const uint32_t> units, Panel& out) const {
  out.units = stats::whole_tiles(units.size());
  out.columns = columns_;
  out.gated = gated_;
  std::vector<uint32_t> local(units.size());
  for (size_t i = 0; i < units.size(); ++i) local[i] = units[i] % checkpoint::kPanelUnits;
  for (VectorKind kind : kVectorKinds) {
    if (out.has(kind)) out.y[kind].assign(columns_ * out.units, 0.0f);
  }
  for (size_t begin = 0, end = 0; begin < units.size(); begin = end) {
    const size_t panel = units[begin] / checkpoint::kPanelUnits;
    for (end = begin; end < units.size(); ++end) {
      if (units[end] / checkpoint::kPanelUnits != panel) break;
    }
    for (VectorKind kind : kVectorKinds) {
      if (!out.has(kind)) continue;
      const Panel& from = panels_[panel];
      for (size_t c = 0; c < columns_; ++c) {
        stats::gather(&from.y[kind][c * from.units], &local[begin], end - begin,
                      &out.y[kind][c * out.units + begin]);
      }
    }
  }
}

}  // namespace wmk::embed
