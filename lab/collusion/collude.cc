// collude: several licensees make one copy out of theirs (specs/licensees.md 4).
#include <algorithm>

#include "base/text.h"
#include "lab/attack_functions.h"
#include "lab/collusion/copies.h"
#include "lab/collusion/cut_out.h"
#include "lab/model/names.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

constexpr size_t kPiece = 1 << 16;  // elements of each copy that are read at a time

// The values of one weight in all copies; may be reordered.
using Combine = float (*)(std::span<float> copies, Random& random);

float mean_of(std::span<float> copies, Random&) {
  double sum = 0;
  for (const float value : copies) sum += value;
  return static_cast<float>(sum / static_cast<double>(copies.size()));
}

float median_of(std::span<float> copies, Random&) {
  std::sort(copies.begin(), copies.end());
  const size_t half = copies.size() / 2;
  return copies.size() % 2 == 1 ? copies[half] : (copies[half - 1] + copies[half]) / 2;
}

float minimum_of(std::span<float> copies, Random&) {
  return *std::min_element(copies.begin(), copies.end());
}

float sum_less_third(std::span<float> copies, Random&) { return copies[0] + copies[1] - copies[2]; }

float away_from_second(std::span<float> copies, Random&) { return 2 * copies[0] - copies[1]; }

float any_of(std::span<float> copies, Random& random) {
  return copies[random.below(copies.size())];
}

struct Strategy {
  std::string_view name;
  size_t copies;    // that it takes at least
  Combine combine;  // null: whole layers
};

constexpr Strategy kStrategies[] = {
    {"mean", 2, mean_of},         {"median", 2, median_of},      {"minimum", 2, minimum_of},
    {"a+b-c", 3, sum_less_third}, {"2a-b", 2, away_from_second}, {"mixed-weights", 2, any_of},
    {"mixed-layers", 2, nullptr},
};

// Which copy a tensor of this name is taken from: one for all tensors of a layer.
size_t copy_of_layer(std::string_view name, size_t copies, uint64_t seed) {
  const auto split = split_at_number(name, 0);
  Random random(seed, cat("collude/", split ? to_text(split->number) : "outside layers"));
  return random.below(copies);
}

Result<Values> combined(const Copies& copies, size_t tensor, uint64_t elements, Combine combine,
                        Random random) {
  Values out(elements);
  const size_t count = copies.count();
  Values piece(kPiece), by_weight(kPiece * count);
  for (uint64_t first = 0; first < elements; first += kPiece) {
    const size_t size = std::min<uint64_t>(kPiece, elements - first);
    for (size_t copy = 0; copy < count; ++copy) {
      const auto part = std::span(piece).first(size);
      if (auto status = copies.read(copy, tensor, first, part); !status) {
        return std::move(status).error();
      }
      for (size_t i = 0; i < size; ++i) by_weight[i * count + copy] = part[i];
    }
    for (size_t i = 0; i < size; ++i) {
      out[first + i] = combine(std::span(by_weight).subspan(i * count, count), random);
    }
  }
  return out;
}

}  // namespace

Status collude(Model& model, const Arguments& arguments) {
  const auto* const strategy =
      std::find_if(std::begin(kStrategies), std::end(kStrategies),
                   [&](const Strategy& each) { return each.name == arguments.text("how"); });
  auto opened = Copies::open(model, arguments.text("with"));
  if (!opened) return std::move(opened).error();
  const std::shared_ptr<const Copies> copies = std::move(*opened);
  if (copies->count() < strategy->copies) {
    return Error(ErrorCode::invalid_argument,
                 cat("'", strategy->name, "' takes ", strategy->copies, " copies"));
  }
  for (PlannedTensor& tensor : model.plan().tensors) {
    if (!checkpoint::is_weight_type(tensor.dtype)) continue;
    const uint64_t seed = arguments.seed();
    tensor.source = [copies, strategy, seed, origin = *tensor.origin, name = tensor.name,
                     elements = tensor.elements()]() -> Result<Values> {
      if (strategy->combine == nullptr) {
        return copies->read(copy_of_layer(name, copies->count(), seed), origin);
      }
      return combined(*copies, origin, elements, strategy->combine,
                      Random(seed, cat("collude/", name)));
    };
  }
  if (arguments.text("cut") == "no") return {};
  return cut_out_differences(model, *copies);
}

}  // namespace wmk::lab
