// Other ways to read the numbers of quantised tensors (specs/quantised.md 1.7).
#include <algorithm>
#include <utility>

#include "checkpoint/checkpoint.h"
#include "checkpoint/quantised/quantisation_config.h"

namespace wmk::checkpoint {
namespace {

bool has_turned_tensors(const Checkpoint& checkpoint) {
  return checkpoint.quantisation().find("rotations undone") != std::string::npos;
}

struct ZeroPointsFound {
  bool used = false, unused = false;  // by the config
};

ZeroPointsFound zero_points_of(const Checkpoint& checkpoint) {
  ZeroPointsFound found;
  const auto config = read_quantisation_config(checkpoint.config_folder());
  if (!config) return found;
  for (const Tensor& tensor : checkpoint.stored_tensors()) {
    for (const std::string_view ending : {".weight_zero_point", ".qzeros"}) {
      if (!tensor.name.ends_with(ending)) continue;
      const auto module =
          std::string_view(tensor.name).substr(0, tensor.name.size() - ending.size());
      (config->uses_zero_points(module) ? found.used : found.unused) = true;
    }
  }
  return found;
}

}  // namespace

std::vector<NumbersVariant> numbers_variants(const Checkpoint& checkpoint) {
  std::vector<NumbersVariant> out;
  if (checkpoint.quantisation().empty() && checkpoint.refusals().empty()) return out;
  const auto add = [&](std::string words, auto change) {
    NumbersVariant variant{std::move(words), checkpoint.numbers()};
    change(variant.numbers);
    out.push_back(std::move(variant));
  };
  add("quantisation settings of config.json ignored",
      [](NumbersReading& numbers) { numbers.without_config = true; });
  if (has_turned_tensors(checkpoint)) {
    add("rotations of transform_config not undone",
        [](NumbersReading& numbers) { numbers.undo_transforms = false; });
  }
  const auto [used, unused] = zero_points_of(checkpoint);
  if (used) {
    add("zero points ignored",
        [](NumbersReading& numbers) { numbers.zero_points = ZeroPoints::ignored; });
  }
  if (unused) {
    add("zero points used wherever the file has them",
        [](NumbersReading& numbers) { numbers.zero_points = ZeroPoints::used; });
  }
  return out;
}

}  // namespace wmk::checkpoint
