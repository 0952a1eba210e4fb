#include "embed/marker.h"

#include <algorithm>
#include <cmath>

#include "embed/rounding.h"
#include "embed/tags.h"
#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

// Below this share of the gains' rms a dimension gets no change: dividing by it would blow noise
// up.
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
               const Projector& projector, std::vector<Carriers> carriers, double strength,
               const crypto::SecretBytes& rounding_key)
    : checkpoint_(checkpoint),
      anatomy_(anatomy),
      projector_(projector),
      back_(projector.frames(), projector.columns(), projector.width()),
      carriers_(std::move(carriers)),
      strength_(strength),
      rounding_key_(rounding_key) {
  for (const auto& gain : anatomy.gains) inverse_gains_.push_back(inverse_gain(gain));
}

void Marker::Worker::mark(const Marker& marker, UnitBytes& block, Change& change) {
  for (uint64_t first = 0; first < block.units(); first += checkpoint::kPanelUnits) {
    const uint64_t count = std::min(checkpoint::kPanelUnits, block.units() - first);
    marker.projector_.project(block, first, count, scratch_, panel_);
    change_coordinates(marker, change);
    for (Kind kind : kKinds) {
      if (block.has(kind)) apply(marker, block, kind, first, change);
    }
  }
}

// change = T C for each structure, stacked as the frames are.
void Marker::Worker::change_coordinates(const Marker& marker, Change& change) {
  using stats::Op;
  const Projector& projector = marker.projector_;
  const size_t units = panel_.units;
  for (Kind kind : kKinds) {
    if (panel_.gated || kind != gate) change_[kind].assign(projector.columns() * units, 0.0f);
  }
  for (size_t s = 0; s < projector.structures().size(); ++s) {
    const Sizes& sizes = projector.structures()[s].sizes;
    const auto factors = tag_factors_of(projector, s, panel_, TagRule::hard);
    for (Kind kind : kKinds) {
      if (!panel_.gated && kind == gate) continue;
      make_tags(projector, s, panel_, factors, kind, tags_);
      stats::gemm(Op::transposed, Op::plain, sizes.r, units, sizes.m,
                  marker.carriers_[s][kind].data(), sizes.r, tags_.data(), units, 0.0f,
                  &change_[kind][projector.column(s) * units], units);
    }
  }
  for (Kind kind : kKinds) {
    if (panel_.gated || kind != gate) size_steps(marker, kind, change);
  }
  change.units += units;
  change.absent += panel_.absent;
  change.not_finite += panel_.not_finite;
}

// One step is worth n * eps sqrt(d / r) / sqrt(m); all structures of a mark have one r and m.
void Marker::Worker::size_steps(const Marker& marker, Kind kind, Change& change) {
  const Sizes& sizes = marker.projector_.structures().front().sizes;
  const double width = static_cast<double>(marker.projector_.width());
  const double factor =
      marker.strength_ * std::sqrt(width / static_cast<double>(sizes.r * sizes.m));
  step_[kind].resize(panel_.units);
  for (size_t u = 0; u < panel_.units; ++u) {
    const double n = panel_.present[u] > 0 ? panel_.n[kind][u] : 0.0;
    step_[kind][u] = static_cast<float>(n * factor);
    change.norm_squared += n * n * width;
  }
}

// delta w = step (T C) P / gain, laid out as the block is stored, then added and rounded.
void Marker::Worker::apply(const Marker& marker, UnitBytes& block, Kind kind, uint64_t first,
                           Change& change) {
  const size_t width = marker.projector_.width();
  const size_t count = panel_.units;
  checkpoint::RawBlock& raw = block.raw[kind];
  const auto& units = marker.anatomy_.groups[block.group];
  const auto& gain = kind == down ? units.out_gain : units.in_gain;
  const float* inverse = gain ? marker.inverse_gains_[*gain].data() : nullptr;
  const auto& view = kind == gate ? *units.gate : kind == up ? units.up : units.down;
  const auto& tensor = marker.checkpoint_.tensors()[view.tensor];
  const uint64_t seed = rounding_seed(marker.rounding_key_, tensor.name);

  const bool by_unit = raw.unit_major();
  marker.back_.apply(change_[kind], count, by_unit, back_scratch_, delta_);
  const size_t rows = by_unit ? count : width;
  const size_t row_size = by_unit ? width : count;
  for (size_t i = 0; i < rows; ++i) {
    float* row = &delta_[i * row_size];
    if (by_unit) {
      stats::scale(step_[kind][i], row_size, row);
    } else {
      stats::multiply(step_[kind].data(), row_size, row);
    }
    change.difference_squared += stats::sum_of_squares(row, row_size);
    if (inverse && by_unit) stats::multiply(inverse, row_size, row);
    if (inverse && !by_unit) stats::scale(inverse[i], row_size, row);
    const uint64_t unit = by_unit ? first + i : first;
    const uint64_t coordinate = by_unit ? 0 : i;
    add_rounded(raw.dtype(), raw.element(unit, coordinate), row_size, raw.step(), row, seed,
                raw.tensor_index(unit, coordinate));
  }
}

}  // namespace wmk::embed
