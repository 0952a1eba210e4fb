#include "checkpoint/readings/ones_share.h"

#include <algorithm>
#include <cmath>

#include "checkpoint/layout/unit_block.h"

namespace wmk::checkpoint {

namespace {

constexpr size_t kGroupsSampled = 3;
constexpr uint64_t kVectorsSampled = 16;  // of each group
constexpr uint64_t kRowsSampled = 128;    // of the embedding

struct MeanShare {
  double sum = 0;
  uint64_t count = 0;
  double value() const { return count > 0 ? sum / static_cast<double>(count) : 0; }
};

// Vectors [0, count) of a view; a vector of zeros, or one that is not finite, does not count.
void add_shares(const Checkpoint& checkpoint, const View& view, uint64_t width, uint64_t count,
                const std::vector<float>* norm_weight, MeanShare& out) {
  RawBlock raw;
  if (!raw.read(checkpoint, view, width, 0, count)) return;
  std::vector<float> values(count * width);
  raw.widen_panel(0, count, values);
  for (uint64_t u = 0; u < count; ++u) {
    double sum = 0, squares = 0;
    for (uint64_t c = 0; c < width; ++c) {
      double w = values[raw.unit_major() ? u * width + c : c * count + u];
      if (norm_weight != nullptr) w *= (*norm_weight)[c];
      sum += w;
      squares += w * w;
    }
    const double share = sum / squares * sum / static_cast<double>(width);
    if (!std::isfinite(share)) continue;
    out.sum += share;
    ++out.count;
  }
}

}  // namespace

double ones_share(const Checkpoint& checkpoint, const Anatomy& anatomy) {
  MeanShare up, down, embedding;
  const size_t step = std::max<size_t>(1, anatomy.groups.size() / kGroupsSampled);
  for (size_t g = 0; g < anatomy.groups.size(); g += step) {
    const UnitGroup& group = anatomy.groups[g];
    const uint64_t count = std::min(kVectorsSampled, group.units);
    const auto weights = [&](const std::optional<size_t>& norm) {
      return norm ? &anatomy.norm_weights[*norm] : nullptr;
    };
    add_shares(checkpoint, group.up, anatomy.width, count, weights(group.in_norm), up);
    add_shares(checkpoint, group.down, anatomy.width, count, weights(group.out_norm), down);
  }
  const View rows{anatomy.token_embedding, 0, anatomy.width, 1};
  add_shares(checkpoint, rows, anatomy.width, std::min(kRowsSampled, anatomy.vocabulary), nullptr,
             embedding);
  return std::max({up.value(), down.value(), embedding.value()});
}

}  // namespace wmk::checkpoint
