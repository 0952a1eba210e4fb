#include "checkpoint/distributed/model_names.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace wmk::checkpoint {
namespace {

constexpr auto kOptimizers = std::to_array<std::string_view>(
    {"optim", "optimizer", "optimizers", "optim_state", "optimizer_state", "optimizer_states",
     "optimizer_state_dict"});
constexpr auto kGroups = std::to_array<std::string_view>(
    {"app", "app_state", "state", "state_dict", "model_state_dict", "model_states"});

bool is_of_optimizer(std::string_view name) {
  while (true) {
    const size_t dot = name.find('.');
    const std::string_view segment = name.substr(0, dot);
    if (std::find(kOptimizers.begin(), kOptimizers.end(), segment) != kOptimizers.end()) {
      return true;
    }
    if (dot == std::string_view::npos) return false;
    name.remove_prefix(dot + 1);
  }
}

}  // namespace

uint64_t drop_optimizer(std::vector<DistributedTensor>& tensors) {
  return std::erase_if(
      tensors, [](const DistributedTensor& tensor) { return is_of_optimizer(tensor.name); });
}

void drop_common_wrapper(std::vector<DistributedTensor>& tensors) {
  const auto drop = [&](std::string_view group) {
    const auto is_below = [&](const DistributedTensor& tensor) {
      return tensor.name.size() > group.size() + 1 && tensor.name.starts_with(group) &&
             tensor.name[group.size()] == '.';
    };
    if (tensors.empty() || !std::all_of(tensors.begin(), tensors.end(), is_below)) return false;
    for (DistributedTensor& tensor : tensors) tensor.name.erase(0, group.size() + 1);
    return true;
  };
  while (std::any_of(kGroups.begin(), kGroups.end(), drop)) {
  }
}

}  // namespace wmk::checkpoint
