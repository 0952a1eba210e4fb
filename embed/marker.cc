#include "embed/marker.h"

#include <algorithm>
#include <cmath>

#include "base/simd.h"
#include "embed/rounding.h"
#include "embed/tags.h"
#include "stats/gemm.h"

namespace wmk::embed {

namespace {

// Below this share of the gains' rms a dimension gets no change: dividing by it would blow noise up.
constexpr double kUsableGain = 0.01;

std::vector<float> inverse_gain(const std::vector<float>& gain) {
  double squares = 0;
  for (float g : gain) squares += static_cast<double>(g) * g;
  const double floor = kUsableGain * std::sqrt(squares / static_cast<double>(gain.size()));
  std::vector<float> inverse(gain.size());
  for (size_t j = 0; j < gain.size(); ++j) {
    inverse[j] = gain[j] != 0 && std::abs(gain[j]) >= floor ? 1.0f / gain[j] : 0.0f;
  }
  return inverse;
}

WMK_VECTORIZED void multiply(const float* factors, size_t count, float* row) {
  for (size_t i = 0; i < count; ++i) row[i] *= factors[i];
}

WMK_VECTORIZED void scale(float factor, size_t count, float* row) {
  for (size_t i = 0; i < count; ++i) row[i] *= factor;
}

double sum_of_squares(const float* row, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; ++i) sum += static_cast<double>(row[i]) * row[i];
  return sum;
}

}  // namespace

Change& Change::operator+=(const Change& other) {
  difference_squared += other.difference_squared;
  norm_squared += other.norm_squared;
  units += other.units;
  absent += other.absent;
  not_finite += other.not_finite;
  return *this;
}

double Change::relative() const {
  return norm_squared > 0 ? std::sqrt(difference_squared / norm_squared) : 0;
}

Marker::Marker(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
               const Projector& projector, std::vector<MarkLayer> layers,
               const crypto::SecretBytes& rounding_key)
    : checkpoint_(checkpoint),
      anatomy_(anatomy),
      projector_(projector),
      layers_(std::move(layers)),
      rounding_key_(rounding_key) {
  for (const auto& gain : anatomy.gains) inverse_gains_.push_back(inverse_gain(gain));
}

void Marker::Worker::mark(const Marker& marker, UnitBytes& block, Change& change) {
  for (uint64_t first = 0; first < block.units(); first += checkpoint::kPanelUnits) {
    const uint64_t count = std::min(checkpoint::kPanelUnits, block.units() - first);
    marker.projector_.project(block, first, count, scratch_, panel_);
    change_coordinates(marker, change);
    for (Kind kind : kKinds) {
      if (block.has(kind)) apply(marker, block, kind, first);
    }
  }
}

// change = n * (eps sqrt(d / r) / sqrt(m)) * T C for each structure, side by side as the frames are.
void Marker::Worker::change_coordinates(const Marker& marker, Change& change) {
  using stats::Op;
  const Projector& projector = marker.projector_;
  const size_t columns = projector.columns();
  const double width = static_cast<double>(projector.width());
  for (Kind kind : kKinds) {
    if (!panel_.gated && kind == gate) continue;
    change_[kind].assign(panel_.units * columns, 0.0f);
    for (size_t s = 0; s < projector.structures().size(); ++s) {
      const Sizes& sizes = projector.structures()[s].sizes;
      make_tags(projector, s, panel_, kind, TagRule::hard, tags_);
      const double factor = marker.layers_[s].strength *
                            std::sqrt(width / static_cast<double>(sizes.r * sizes.m));
      scale(static_cast<float>(factor), tags_.size(), tags_.data());
      stats::gemm(Op::plain, Op::plain, panel_.units, sizes.r, sizes.m, tags_.data(), sizes.m,
                  marker.layers_[s].carriers[kind].data(), sizes.r, 0.0f,
                  &change_[kind][projector.column(s)], columns);
    }
    for (size_t u = 0; u < panel_.units; ++u) {
      float* row = &change_[kind][u * columns];
      const float n = panel_.absent[u] ? 0.0f : panel_.n[kind][u];
      scale(n, columns, row);
      change.difference_squared += sum_of_squares(row, columns);
      change.norm_squared += static_cast<double>(n) * n * width;
    }
  }
  const auto absent = std::count(panel_.absent.begin(), panel_.absent.end(), true);
  change.units += panel_.units;
  change.absent += static_cast<uint64_t>(absent);
  change.not_finite += panel_.not_finite;
}

// delta w = (change P) / gain, laid out as the block is stored, then added and rounded.
void Marker::Worker::apply(const Marker& marker, UnitBytes& block, Kind kind, uint64_t first) {
  using stats::Op;
  const Projector& projector = marker.projector_;
  const size_t columns = projector.columns();
  const size_t width = projector.width();
  const size_t count = panel_.units;
  checkpoint::RawBlock& raw = block.raw[kind];
  const auto& units = marker.anatomy_.groups[block.group];
  const auto& gain = kind == down ? units.out_gain : units.in_gain;
  const float* inverse = gain ? marker.inverse_gains_[*gain].data() : nullptr;
  const auto& view = kind == gate ? *units.gate : kind == up ? units.up : units.down;
  const auto& tensor = marker.checkpoint_.tensors()[view.tensor];
  const uint64_t seed = rounding_seed(marker.rounding_key_, tensor.name);

  delta_.resize(count * width);
  if (raw.unit_major()) {
    stats::gemm(Op::plain, Op::plain, count, width, columns, change_[kind].data(), columns,
                projector.frames().data(), width, 0.0f, delta_.data(), width);
    for (size_t u = 0; u < count; ++u) {
      float* row = &delta_[u * width];
      if (inverse) multiply(inverse, width, row);
      add_rounded(raw.dtype(), raw.element(first + u, 0), width, raw.step(), row, seed,
                  raw.tensor_index(first + u, 0));
    }
  } else {
    stats::gemm(Op::transposed, Op::transposed, width, count, columns, projector.frames().data(),
                width, change_[kind].data(), columns, 0.0f, delta_.data(), count);
    for (size_t j = 0; j < width; ++j) {
      float* row = &delta_[j * count];
      if (inverse) scale(inverse[j], count, row);
      add_rounded(raw.dtype(), raw.element(first, j), count, raw.step(), row, seed,
                  raw.tensor_index(first, j));
    }
  }
}

}  // namespace wmk::embed
