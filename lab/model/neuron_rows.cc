#include "lab/model/neuron_rows.h"

#include <map>

#include "base/text.h"

namespace wmk::lab {
namespace {

void transpose(Values& values, uint64_t rows, uint64_t columns) {
  Values turned(values.size());
  for (uint64_t i = 0; i < rows; ++i) {
    for (uint64_t j = 0; j < columns; ++j) turned[j * rows + i] = values[i * columns + j];
  }
  values = std::move(turned);
}

Status check_separate(const Model& model, const UnitGroup& group, std::string_view attack) {
  for (const View& view : {group.gate.value_or(group.up), group.up, group.down}) {
    if (is_whole_matrix(model, view, group.units)) continue;
    return Error(ErrorCode::unsupported, cat(group.label(), ": '", attack,
                                             "' needs separate tensors for gate, up and down"));
  }
  for (const View& view : input_views(group)) {
    auto bias = bias_of(model, view);
    if (!bias) return std::move(bias).error();
    if (*bias) {
      return Error(ErrorCode::unsupported,
                   cat(group.label(), ": '", attack, "' does not support biases of neurons"));
    }
  }
  return {};
}

void plan_change(Model& model, const View& view, uint64_t units, uint64_t after,
                 NeuronChange change) {
  PlannedTensor& tensor = model.plan().at_origin(view.tensor);
  const uint64_t width = model.anatomy().width;
  const bool by_rows = view.coordinate_stride == 1;
  tensor.shape =
      by_rows ? std::vector<uint64_t>{after, width} : std::vector<uint64_t>{width, after};
  tensor.edits.push_back([=, change = std::move(change)](Values& values) -> Status {
    if (!by_rows) transpose(values, width, units);
    change(values);
    if (!by_rows) transpose(values, after, width);
    return {};
  });
}

void resize_config(JsonTree& config, const std::map<uint64_t, uint64_t>& grown) {
  for (const char* key : {"intermediate_size", "moe_intermediate_size", "ffn_dim", "n_inner",
                          "shared_expert_intermediate_size"}) {
    const JsonTree* size = config.find(key);
    const auto units = size ? size->unsigned_integer() : std::nullopt;
    if (units && grown.contains(*units)) config.set(key, JsonTree::number(grown.at(*units)));
  }
}

}  // namespace

Status change_neurons(Model& model, std::string_view attack,
                      const std::function<uint64_t(uint64_t units)>& after,
                      const std::function<GroupChange(const UnitGroup&)>& change) {
  if (auto status = check_plain_units(model, attack); !status) return status;
  std::map<uint64_t, uint64_t> grown;
  for (const UnitGroup& group : model.anatomy().groups) {
    if (auto status = check_separate(model, group, attack); !status) return status;
    GroupChange changes = change(group);
    const uint64_t count = after(group.units);
    if (group.gate) plan_change(model, *group.gate, group.units, count, std::move(changes.gate));
    plan_change(model, group.up, group.units, count, std::move(changes.up));
    plan_change(model, group.down, group.units, count, std::move(changes.down));
    grown[group.units] = count;
  }
  return model.edit_config([&](JsonTree& config) { resize_config(config, grown); });
}

}  // namespace wmk::lab
