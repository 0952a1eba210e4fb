#include "embed/read/vector_projection.h"

#include <algorithm>

#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

// Folds the norm weight into a widened block in place.
void fold_block(const checkpoint::RawBlock& raw, std::span<const float> norm_weight,
                std::vector<float>& block) {
  const size_t units = raw.units(), width = raw.width();
  if (norm_weight.empty()) return;
  if (raw.unit_major()) {
    for (size_t u = 0; u < units; ++u) {
      stats::multiply(norm_weight.data(), width, &block[u * width]);
    }
  } else {
    for (size_t i = 0; i < width; ++i) stats::scale(norm_weight[i], units, &block[i * units]);
  }
}

// Adds up the squares of each vector of a folded block.
void add_squares(const checkpoint::RawBlock& raw, const std::vector<float>& block,
                 double* square_norms) {
  const size_t units = raw.units(), width = raw.width();
  if (raw.unit_major()) {
    for (size_t u = 0; u < units; ++u) {
      square_norms[u] = stats::sum_of_squares(&block[u * width], width);
    }
    return;
  }
  for (size_t i = 0; i < width; ++i) {
    const float* row = &block[i * units];
    for (size_t u = 0; u < units; ++u) square_norms[u] += static_cast<double>(row[u]) * row[u];
  }
}

void project_bf16_vectors(const checkpoint::RawBlock& raw, const Onto& onto, size_t first,
                          ProjectionBuffers& buffers, ProjectedVectors& out) {
  std::span<const float> norm_weight = onto.norm_weight;
  if (norm_weight.empty()) {
    buffers.ones.resize(onto.coordinates, 1.0f);
    norm_weight = buffers.ones;
  }
  const size_t width = onto.coordinates, columns = onto.columns;
  const size_t rounded = onto.rounded % stats::kTileSide == 0 ? onto.rounded : 0;
  auto& [one, two] = *onto.folded;
  const bool by_unit = raw.unit_major();
  if (rounded > 0) {
    one.fold(onto.frames.first(rounded * width), rounded, width, norm_weight, by_unit,
             stats::TilePrecision::one_term);
  }
  two.fold(onto.frames.subspan(rounded * width), columns - rounded, width, norm_weight, by_unit,
           stats::TilePrecision::two_terms);
  float squares[checkpoint::kPanelUnits];
  for (size_t u = 0; u < raw.units(); u += checkpoint::kPanelUnits) {
    const size_t units = std::min<size_t>(checkpoint::kPanelUnits, raw.units() - u);
    pack_stored(raw, u, units, norm_weight, buffers.stored, onto.square_norms ? squares : nullptr);
    float* y = &out.y[first + u];
    if (rounded > 0) multiply_packed(one, buffers.stored, y, out.vectors);
    multiply_packed(two, buffers.stored, y + rounded * out.vectors, out.vectors);
    if (onto.square_norms) std::copy_n(squares, units, &out.square_norms[first + u]);
  }
}

}  // namespace

void project_vectors(const checkpoint::RawBlock& raw, const Onto& onto, size_t first,
                     ProjectionBuffers& buffers, ProjectedVectors& out) {
  using stats::Op;
  const size_t count = raw.units(), width = onto.coordinates;
  if (onto.folded && fits_bf16(raw, count, onto.columns)) {
    return project_bf16_vectors(raw, onto, first, buffers, out);
  }
  buffers.weights.resize(count * width);
  raw.widen_panel(0, count, buffers.weights);
  fold_block(raw, onto.norm_weight, buffers.weights);
  if (onto.square_norms) add_squares(raw, buffers.weights, &out.square_norms[first]);
  const bool rows = raw.unit_major();
  stats::gemm(Op::plain, rows ? Op::transposed : Op::plain, onto.columns, count, width,
              onto.frames.data(), width, buffers.weights.data(), rows ? width : count, 0.0f,
              &out.y[first], out.vectors);
}

}  // namespace wmk::embed
