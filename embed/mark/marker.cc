#include "embed/mark/marker.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "embed/mark/inverse_norm.h"
#include "embed/read/tags.h"
#include "embed/scheme/rounding.h"
#include "stats/bf16/pack.h"
#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

bool fit_tiles(const Sizes& sizes) {
  return sizes.r % stats::kTileSide == 0 && sizes.m % stats::kTileDepth == 0;
}

}  // namespace

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
  for (const auto& norm_weight : anatomy.norm_weights)
    inverse_norm_weights_.push_back(inverse_norm_weight(norm_weight));
  for (size_t s = 0; s < carriers_.size(); ++s) {
    const Sizes& sizes = projector.structures()[s].sizes;
    PerKind<stats::LeftOperand>& tiles = carrier_tiles_.emplace_back();
    if (!fit_tiles(sizes)) continue;
    stats::RightOperand columns;
    for (VectorKind kind : kVectorKinds) {
      stats::pack_exact(carriers_[s][kind].data(), sizes.m, sizes.r, columns);
      stats::transpose(columns, tiles[kind]);
    }
  }
}

void Marker::Worker::mark(const Marker& marker, UnitBytes& block, Change& change) {
  for (uint64_t first = 0; first < block.units(); first += checkpoint::kPanelUnits) {
    const uint64_t count = std::min(checkpoint::kPanelUnits, block.units() - first);
    marker.projector_.project(block, first, count, scratch_, panel_);
    change_coordinates(marker, change);
    for (VectorKind kind : kVectorKinds) {
      if (block.has(kind)) apply(marker, block, kind, first, change);
    }
  }
}

// change = T C for each structure, stacked like the frames.
void Marker::Worker::change_coordinates(const Marker& marker, Change& change) {
  const Projector& projector = marker.projector_;
  const size_t units = panel_.units;
  for (VectorKind kind : kVectorKinds) {
    // Columns of tag frames are never written, so they stay zero.
    const size_t size = projector.columns() * units;
    if (change_[kind].size() != size) change_[kind].assign(size, 0.0f);
  }
  for (size_t s = 0; s < projector.structures().size(); ++s) {
    const auto factors = tag_factors_of(projector, s, panel_, TagRule::hard);
    for (VectorKind kind : kVectorKinds) {
      if (!panel_.has(kind)) continue;
      make_tags(projector, s, panel_, factors, kind, tags_);
      multiply_by_carriers(marker, s, kind, &change_[kind][projector.column(s) * units]);
    }
  }
  for (VectorKind kind : kVectorKinds) {
    if (panel_.has(kind)) size_steps(marker, kind, change);
  }
  change.units += units;
  change.skipped += panel_.skipped;
  change.not_finite += panel_.not_finite;
}

// C^T T of signs: integers, the same from either product.
void Marker::Worker::multiply_by_carriers(const Marker& marker, size_t structure, VectorKind kind,
                                          float* out) {
  using stats::Op;
  const Sizes& sizes = marker.projector_.structures()[structure].sizes;
  const size_t units = panel_.units;
  if (fit_tiles(sizes) && units % stats::kTileSide == 0) {
    stats::pack_exact(tags_.data(), sizes.m, units, packed_tags_);
    const std::array terms = {stats::Term{&marker.carrier_tiles_[structure][kind], &packed_tags_}};
    return stats::bf16_gemm(terms, out, units);
  }
  stats::gemm(Op::transposed, Op::plain, sizes.r, units, sizes.m,
              marker.carriers_[structure][kind].data(), sizes.r, tags_.data(), units, 0.0f, out,
              units);
}

// The size of one step is n * eps sqrt(d / r) / sqrt(m); r and m are the same in all structures of
// a mark.
void Marker::Worker::size_steps(const Marker& marker, VectorKind kind, Change& change) {
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

// delta w = step (T C) P / norm weight, in the layout of the stored block, then added and rounded.
void Marker::Worker::apply(const Marker& marker, UnitBytes& block, VectorKind kind, uint64_t first,
                           Change& change) {
  const size_t width = marker.projector_.width();
  const size_t count = panel_.units;
  checkpoint::RawBlock& raw = block.raw[kind];
  const auto& units = marker.anatomy_.groups[block.group];
  const auto& norm_weight = kind == VectorKind::down ? units.out_norm : units.in_norm;
  const float* inverse = norm_weight ? marker.inverse_norm_weights_[*norm_weight].data() : nullptr;
  const auto& tensor = marker.checkpoint_.tensors()[raw.tensor()];
  const uint64_t seed = rounding_seed(marker.rounding_key_, tensor.name);

  const bool by_unit = raw.unit_major();
  const BackProjection::Changes changes{change_[kind].data(), count, count, by_unit,
                                        raw.dtype() == checkpoint::DType::f32};
  marker.back_.pack(changes, packed_);
  const size_t rows = by_unit ? count : width;
  const size_t row_size = by_unit ? width : count;
  delta_.resize(BackProjection::kStripRows * row_size);
  for (size_t i = 0; i < rows; ++i) {
    const size_t in_strip = i % BackProjection::kStripRows;
    if (in_strip == 0) {
      marker.back_.strip(changes, packed_, i, std::min(BackProjection::kStripRows, rows - i),
                         delta_.data());
    }
    float* row = &delta_[in_strip * row_size];
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
