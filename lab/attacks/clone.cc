// clone: some neurons get a twin with the same gate and up rows; the two divide the down column.
#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "lab/attack_functions.h"
#include "lab/model/units.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

// The cloned neurons of a group and the share of the down column that each neuron keeps.
struct Clones {
  uint64_t units = 0;
  std::vector<uint64_t> parents;  // neuron `units + i` is the twin of neuron parents[i]
  std::vector<float> shares;      // by neuron, including the twins
};

Clones choose_clones(uint64_t units, double fraction, Random random) {
  Clones clones;
  clones.units = units;
  const auto count = static_cast<uint64_t>(static_cast<double>(units) * fraction);
  clones.parents = random.choose(units, count);
  clones.shares.assign(units + count, 1.0f);
  for (size_t i = 0; i < clones.parents.size(); ++i) {
    const auto share = static_cast<float>(random.uniform(0.2, 0.8));
    clones.shares[clones.parents[i]] = share;
    clones.shares[units + i] = 1 - share;
  }
  return clones;
}

// Neurons are rows: appends the rows of the twins.
void append_rows(Values& values, const Clones& clones) {
  const size_t columns = values.size() / clones.units;
  values.reserve(values.size() + clones.parents.size() * columns);
  for (const uint64_t parent : clones.parents) {
    for (size_t i = 0; i < columns; ++i) values.push_back(values[parent * columns + i]);
  }
}

// Neurons are columns: extends every row.
void append_columns(Values& values, const Clones& clones) {
  const size_t rows = values.size() / clones.units;
  Values grown;
  grown.reserve(rows * clones.shares.size());
  for (size_t row = 0; row < rows; ++row) {
    const auto begin = values.begin() + static_cast<ptrdiff_t>(row * clones.units);
    grown.insert(grown.end(), begin, begin + static_cast<ptrdiff_t>(clones.units));
    for (const uint64_t parent : clones.parents) {
      grown.push_back(*(begin + static_cast<ptrdiff_t>(parent)));
    }
  }
  values = std::move(grown);
}

// Adds the twins to the tensor of a view and, if `by_share`, multiplies neurons by their shares.
void plan_growth(Model& model, const View& view, uint64_t width, Clones clones, bool by_share) {
  PlannedTensor& tensor = model.plan().at_origin(view.tensor);
  const bool by_rows = tensor.shape[0] == clones.units && view.coordinate_stride <= 1;
  tensor.shape[by_rows ? 0 : 1] = clones.shares.size();
  tensor.edits.push_back([=, clones = std::move(clones)](Values& values) -> Status {
    by_rows ? append_rows(values, clones) : append_columns(values, clones);
    if (!by_share) return {};
    const View grown = by_rows ? View{0, 0, width, 1} : View{0, 0, 1, clones.shares.size()};
    scale_units(values, grown, width, clones.shares);
    return {};
  });
}

Status clone_group(Model& model, const UnitGroup& group, const Clones& clones) {
  const uint64_t width = model.anatomy().width;
  for (const View& view : {group.gate.value_or(group.up), group.up, group.down}) {
    if (is_whole_matrix(model, view, group.units)) continue;
    return Error(ErrorCode::unsupported,
                 cat(group.label(), ": 'clone' needs separate tensors for gate, up and down"));
  }
  for (const View& view : input_views(group)) {
    auto bias = bias_of(model, view);
    if (!bias) return std::move(bias).error();
    plan_growth(model, view, width, clones, false);
    if (*bias) plan_growth(model, **bias, 1, clones, false);
  }
  plan_growth(model, group.down, width, clones, true);
  return {};
}

}  // namespace

Status clone(Model& model, const Arguments& arguments) {
  if (auto status = check_plain_units(model, "clone"); !status) return status;
  std::map<uint64_t, uint64_t> grown;  // neuron count before -> after
  for (const UnitGroup& group : model.anatomy().groups) {
    const Clones clones = choose_clones(group.units, arguments.number("fraction"),
                                        Random(arguments.seed(), "clone/" + group.label()));
    if (auto status = clone_group(model, group, clones); !status) return status;
    grown[group.units] = clones.shares.size();
  }
  return model.edit_config([&](JsonTree& config) {
    for (const char* key : {"intermediate_size", "moe_intermediate_size", "ffn_dim", "n_inner",
                            "shared_expert_intermediate_size"}) {
      const JsonTree* size = config.find(key);
      const auto units = size ? size->unsigned_integer() : std::nullopt;
      if (units && grown.contains(*units)) config.set(key, JsonTree::number(grown[*units]));
    }
  });
}

}  // namespace wmk::lab
