#include "embed/read/vector_projection.h"

#include <algorithm>

#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

// Folds the norm weight into a widened block in place and adds up the squares of each vector.
void fold_block(const checkpoint::RawBlock& raw, std::span<const float> norm_weight,
                std::vector<float>& block, double* square_norms) {
  const size_t units = raw.units(), width = raw.width();
  if (raw.unit_major()) {
    for (size_t u = 0; u < units; ++u) {
      float* row = &block[u * width];
      if (!norm_weight.empty()) stats::multiply(norm_weight.data(), width, row);
      square_norms[u] = stats::sum_of_squares(row, width);
    }
    return;
  }
  for (size_t i = 0; i < width; ++i) {
    float* row = &block[i * units];
    if (!norm_weight.empty()) stats::scale(norm_weight[i], units, row);
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
  onto.folded->fold(onto.frames, onto.columns, onto.coordinates, norm_weight, raw.unit_major(),
                    stats::TilePrecision::two_terms);
  float squares[checkpoint::kPanelUnits];
  for (size_t u = 0; u < raw.units(); u += checkpoint::kPanelUnits) {
    const size_t units = std::min<size_t>(checkpoint::kPanelUnits, raw.units() - u);
    multiply_stored(raw, u, units, norm_weight, *onto.folded, buffers.stored, &out.y[first + u],
                    out.vectors, squares);
    std::copy_n(squares, units, &out.square_norms[first + u]);
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
  fold_block(raw, onto.norm_weight, buffers.weights, &out.square_norms[first]);
  const bool rows = raw.unit_major();
  stats::gemm(Op::plain, rows ? Op::transposed : Op::plain, onto.columns, count, width,
              onto.frames.data(), width, buffers.weights.data(), rows ? width : count, 0.0f,
              &out.y[first], out.vectors);
}

}  // namespace wmk::embed
