#include "lineage/model/layer_matrices.h"

#include "checkpoint/layout/unit_block.h"

namespace wmk::lineage {

std::vector<WeightMatrix> matrices_of_layer(const Side& side, uint64_t layer) {
  std::vector<WeightMatrix> out;
  const auto& form = side.attention;
  if (const auto* attention = attention_layer(side, layer)) {
    out.push_back({"q", attention->q, form.heads * form.head_size});
    out.push_back({"v", attention->v, form.kv_heads * form.head_size});
  }
  const auto groups = groups_of_layer(*side.anatomy, layer);
  if (groups.size() != 1) return out;
  const auto& dense = side.anatomy->groups[groups[0]];
  out.push_back({"up", dense.up, dense.units});
  return out;
}

std::vector<WeightMatrix> more_matrices_of_layer(const Side& side, uint64_t layer) {
  auto out = matrices_of_layer(side, layer);
  const auto groups = groups_of_layer(*side.anatomy, layer);
  if (groups.empty()) return out;
  const auto& units = side.anatomy->groups[groups[0]];
  if (groups.size() > 1) out.push_back({"up", units.up, units.units});
  out.push_back({"down", units.down, units.units});
  return out;
}

std::optional<StoredRows> stored_rows(const checkpoint::View& view, uint64_t units,
                                      uint64_t width) {
  if (view.coordinate_stride == 1) return StoredRows{view, units, width};
  if (view.unit_stride != 1 || view.run != 0) return std::nullopt;
  return StoredRows{{view.tensor, view.first, view.coordinate_stride, 1}, width, units};
}

Result<std::vector<float>> StoredRows::read(const checkpoint::Checkpoint& checkpoint,
                                            uint64_t first, uint64_t count) const {
  checkpoint::RawBlock block;
  if (auto status = block.read(checkpoint, view, length, first, count); !status) {
    return std::move(status).error();
  }
  std::vector<float> values(count * length);
  block.widen_panel(0, count, values);
  return values;
}

}  // namespace wmk::lineage
