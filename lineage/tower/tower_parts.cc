#include "lineage/tower/tower_parts.h"

#include <map>
#include <string>
#include <tuple>

#include "base/text.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::lineage {

namespace {

using checkpoint::Tensor;

struct TowerNames {
  std::string_view in, out;
  bool is_attention, is_fused;  // the last third of the rows is v
};
constexpr TowerNames kTowerNames[] = {
    {"self_attn.v_proj", "self_attn.out_proj", true, false},
    {"self_attn.v_proj", "self_attn.o_proj", true, false},
    {"attn.v_proj", "attn.out_proj", true, false},
    {"attn.qkv", "attn.proj", true, true},
    {"attention.qkv", "attention.dense", true, true},
    {"mlp.fc1", "mlp.fc2", false, false},
    {"mlp.linear_fc1", "mlp.linear_fc2", false, false},
    {"mlp.up_proj", "mlp.down_proj", false, false},
    {"mlp.c_fc", "mlp.c_proj", false, false},
};

// Pattern and numbers of a tensor's name.
using PlaceName = std::pair<std::string, std::vector<uint64_t>>;

// Matrices that no naming rule recognises, by their names.
std::map<PlaceName, size_t> unknown_matrices(const Side& side) {
  std::map<PlaceName, size_t> out;
  const auto& tensors = side.checkpoint->tensors();
  for (const size_t i : checkpoint::unrecognised(*side.anatomy)) {
    const Tensor& tensor = tensors[i];
    auto name = checkpoint::canonical_name(tensor.name);
    const bool is_float = tensor.encoding || checkpoint::has_float_value(tensor.dtype);
    if (name.is_bias || name.numbers.empty() || tensor.shape.size() != 2 || !is_float) continue;
    out.emplace(PlaceName{std::move(name.pattern), std::move(name.numbers)}, i);
  }
  return out;
}

struct BothTensors {
  size_t suspect = 0, reference = 0;
  uint64_t rows = 0, columns = 0;
};

std::map<PlaceName, BothTensors> shared_matrices(const ModelPair& pair) {
  std::map<PlaceName, BothTensors> out;
  const auto of_a = unknown_matrices(pair.reference);
  for (const auto& [name, b] : unknown_matrices(pair.suspect)) {
    const auto a = of_a.find(name);
    if (a == of_a.end()) continue;
    const auto& shape = pair.suspect.checkpoint->tensors()[b].shape;
    if (shape != pair.reference.checkpoint->tensors()[a->second].shape) continue;
    out.emplace(name, BothTensors{b, a->second, shape[0], shape[1]});
  }
  return out;
}

}  // namespace

std::vector<TowerPart> tower_parts(const ModelPair& pair) {
  std::vector<TowerPart> out;
  const auto shared = shared_matrices(pair);
  for (const auto& [name, in] : shared) {
    for (const TowerNames& known : kTowerNames) {
      // The name of a block ends with a full stop: "visual.blocks.#.".
      const std::string& pattern = name.first;
      if (!pattern.ends_with(cat(".", known.in))) continue;
      const std::string stem = pattern.substr(0, pattern.size() - known.in.size());
      const auto found = shared.find({cat(stem, known.out), name.second});
      if (found == shared.end()) continue;
      const BothTensors& o = found->second;
      const uint64_t units = o.columns, width = in.columns;
      const uint64_t first = known.is_fused ? 2 * units : 0;
      if (units < 2 || o.rows != width || in.rows != first + units) continue;
      const auto rows_of = [&](size_t tensor) {
        return checkpoint::View{tensor, first * width, width, 1};
      };
      const auto columns_of = [&](size_t tensor) { return checkpoint::View{tensor, 0, 1, units}; };
      out.push_back({known.is_attention, stem.substr(0, stem.find(".#")), rows_of(in.suspect),
                     rows_of(in.reference), columns_of(o.suspect), columns_of(o.reference), units,
                     width});
    }
  }
  return out;
}

}  // namespace wmk::lineage
