#include "checkpoint/shapes/directions.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "checkpoint/layout/unit_block.h"

namespace wmk::checkpoint {

namespace {

// Elements of a sample, which bounds memory and time; and vectors in it.
constexpr uint64_t kSampleElements = 1 << 18;
constexpr uint64_t kVectorsMin = 32, kVectorsMax = 256;
// All of them are in memory at one time, and all pairs are compared.
constexpr size_t kMatricesMax = 400;
constexpr uint64_t kElementsMax = 1 << 27;
constexpr size_t kMembersAligned = 8;

uint64_t vectors_sampled(uint64_t width) {
  return std::clamp(kSampleElements / width, kVectorsMin, kVectorsMax);
}

struct AlignedPair {
  double alignment;
  size_t a, b;
};

// Pairs with the largest alignment first, each place at most once; at most `count`.
std::vector<AlignedPair> best_pairs(std::vector<AlignedPair> all, size_t count) {
  std::sort(all.begin(), all.end(), [](const AlignedPair& x, const AlignedPair& y) {
    return std::tie(y.alignment, x.a, x.b) < std::tie(x.alignment, y.a, y.b);
  });
  std::vector<bool> used_a, used_b;
  std::vector<AlignedPair> out;
  for (const AlignedPair& pair : all) {
    used_a.resize(std::max(used_a.size(), pair.a + 1));
    used_b.resize(std::max(used_b.size(), pair.b + 1));
    if (out.size() >= count || used_a[pair.a] || used_b[pair.b]) continue;
    used_a[pair.a] = used_b[pair.b] = true;
    out.push_back(pair);
  }
  return out;
}

std::vector<Directions> directions_of(const Checkpoint& checkpoint, const std::vector<Slot>& slots,
                                      uint64_t width) {
  std::vector<Directions> out;
  for (const Slot& slot : slots) {
    out.push_back(directions_of(checkpoint, slot.view(slot.slices / 2), slot.units, width));
  }
  return out;
}

}  // namespace

Directions directions_of(const Checkpoint& checkpoint, const View& view, uint64_t units,
                         uint64_t width) {
  const uint64_t count = std::min(units, vectors_sampled(width));
  RawBlock block;
  if (!block.read(checkpoint, view, width, 0, count)) return {};
  std::vector<float> panel(count * width);
  block.widen_panel(0, count, panel);
  Directions out{std::vector<float>(count * width), width};
  for (uint64_t u = 0; u < count; ++u) {
    float largest = 0;
    float* to = &out.values[u * width];
    for (uint64_t c = 0; c < width; ++c) {
      to[c] = panel[block.unit_major() ? u * width + c : c * count + u];
      largest = std::max(largest, std::fabs(to[c]));
    }
    if (!(largest > 0) || !std::isfinite(largest)) {
      std::fill(to, to + width, 0.0f);
      continue;
    }
    double squares = 0;
    for (uint64_t c = 0; c < width; ++c) {
      to[c] /= largest;
      squares += static_cast<double>(to[c]) * to[c];
    }
    const auto scale = static_cast<float>(1 / std::sqrt(squares));
    for (uint64_t c = 0; c < width; ++c) to[c] *= scale;
  }
  return out;
}

double alignment(const Directions& a, const Directions& b) {
  if (a.values.empty() || a.values.size() != b.values.size()) return 0;
  const uint64_t width = a.width, count = a.values.size() / width;
  double sum = 0;
  for (uint64_t u = 0; u < count; ++u) {
    float cosine = 0;
    const float *x = &a.values[u * width], *y = &b.values[u * width];
    for (uint64_t c = 0; c < width; ++c) cosine += x[c] * y[c];
    sum += static_cast<double>(cosine) * cosine;
  }
  sum *= static_cast<double>(width) / static_cast<double>(count);
  return std::isfinite(sum) ? sum : 0;
}

double alignment_of(const Checkpoint& checkpoint, const FfnSet& set, uint64_t width) {
  const size_t taken = std::min(set.members.size(), kMembersAligned);
  double sum = 0;
  size_t pairs = 0;
  for (size_t i = 0; i < taken; ++i) {
    const FfnMember& member = set.members[i * set.members.size() / taken];
    const auto directions = directions_of(checkpoint, member.slots, width);
    for (size_t a = 0; a < directions.size(); ++a) {
      for (size_t b = a + 1; b < directions.size(); ++b, ++pairs) {
        sum += alignment(directions[a], directions[b]);
      }
    }
  }
  return pairs == 0 ? 0 : sum / static_cast<double>(pairs);
}

FfnSet match_by_direction(const Checkpoint& checkpoint, const std::vector<Slot>& slots,
                          uint64_t width) {
  FfnSet out{FfnForm::three, "matched by directions", {}, false};
  std::vector<Slot> readers, downs;
  for (const Slot& slot : slots) (slot.in_rows() ? readers : downs).push_back(slot);
  if (downs.size() > readers.size()) std::swap(readers, downs);
  const size_t count = std::min(downs.size(), slots.size() / 3);
  const uint64_t elements = slots.size() * width * vectors_sampled(width);
  if (count == 0 || slots.size() > kMatricesMax || elements > kElementsMax) return out;
  const auto of_readers = directions_of(checkpoint, readers, width);
  const auto of_downs = directions_of(checkpoint, downs, width);
  std::vector<AlignedPair> all;
  for (size_t r = 0; r < readers.size(); ++r) {
    for (size_t d = 0; d < downs.size(); ++d) {
      all.push_back({alignment(of_readers[r], of_downs[d]), r, d});
    }
  }
  const std::vector<AlignedPair> first = best_pairs(all, count);
  std::vector<bool> is_taken(readers.size());
  for (const AlignedPair& pair : first) is_taken[pair.a] = true;
  std::vector<AlignedPair> others;
  for (size_t i = 0; i < first.size(); ++i) {
    for (size_t r = 0; r < readers.size(); ++r) {
      if (is_taken[r]) continue;
      const double by_down = all[r * downs.size() + first[i].b].alignment;
      others.push_back({by_down + alignment(of_readers[r], of_readers[first[i].a]), r, i});
    }
  }
  std::vector<AlignedPair> second = best_pairs(std::move(others), count);
  std::sort(second.begin(), second.end(), [&](const AlignedPair& x, const AlignedPair& y) {
    return first[x.b].b < first[y.b].b;
  });
  for (const AlignedPair& pair : second) {
    const AlignedPair& known = first[pair.b];
    out.members.push_back({{readers[pair.a], readers[known.a], downs[known.b]}, {}});
  }
  if (out.members.size() != count) out.members.clear();
  return out;
}

}  // namespace wmk::checkpoint
