#include "embed/heads/scaled_vectors.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "neurons/careful/vector_source.h"
#include "stats/gemm.h"

namespace wmk::embed {

namespace {

// Norms in between are safe: no square overflows, and none that matters vanishes.
constexpr double kSafeNormMin = 0x1p-40, kSafeNormMax = 0x1p40;
// Below that of any vector that is not zero; sums of two do not overflow.
constexpr int kZeroExponent = -(1 << 24);

}  // namespace

// Moves powers of two from y to the exponents, and notes which vectors must be read again.
void ScaledReader::take_exponents(ScaledVectors& out) {
  out.vectors = projected_.vectors;
  out.exponents.assign(out.vectors, 0);
  again_.assign(out.vectors, 0);
  std::vector<float> factors(out.vectors, 1);
  for (size_t i = 0; i < out.vectors; ++i) {
    const double norm = std::sqrt(projected_.square_norms[i]);
    if (norm >= kSafeNormMin && norm <= kSafeNormMax) {
      out.exponents[i] = std::ilogb(norm);
      factors[i] = std::ldexp(1.0f, -out.exponents[i]);
    } else {
      again_[i] = 1;
    }
  }
  out.y.swap(projected_.y);
  for (size_t at = 0; at < out.y.size(); at += out.vectors) {
    for (size_t i = 0; i < out.vectors; ++i) out.y[at + i] *= factors[i];
  }
}

Status ScaledReader::read_again(const checkpoint::View& view, const Onto& onto,
                                ScaledVectors& out) {
  const size_t width = onto.coordinates, columns = onto.columns;
  row_.resize(width);
  y_.resize(columns);
  const auto use = [&](size_t first) -> Status {
    for (size_t i = 0; i < scratch_.raw.units(); ++i) {
      if (!again_[first + i]) continue;
      neurons::widen_folded(scratch_.raw, onto.norm_weight, i, 1, wide_);
      const neurons::RowScale scale = neurons::take_scale(wide_);
      for (size_t c = 0; c < width; ++c) row_[c] = static_cast<float>(wide_[c]);
      if (!scale.finite()) std::fill(row_.begin(), row_.end(), NAN);
      stats::gemm(stats::Op::plain, stats::Op::plain, columns, 1, width, onto.frames.data(), width,
                  row_.data(), 1, 0.0f, y_.data(), 1);
      for (size_t c = 0; c < columns; ++c) out.y[c * out.vectors + first + i] = y_[c];
      out.exponents[first + i] = scale.zero() ? kZeroExponent : scale.exponent;
    }
    return {};
  };
  return circuits_.for_each_block(view, out.vectors, width, checkpoint::kBlockBytes, scratch_, use);
}

Status ScaledReader::read(const checkpoint::View& view, size_t vectors, const Onto& onto,
                          ScaledVectors& out) {
  Status status = circuits_.project(view, vectors, onto, scratch_, projected_, bytes_);
  if (!status) return status;
  take_exponents(out);
  const bool is_safe = std::none_of(again_.begin(), again_.end(), [](uint8_t x) { return x > 0; });
  return is_safe ? Status() : read_again(view, onto, out);
}

Status ScaledReader::read_layer(size_t layer, ScaledVectors& v, ScaledVectors& o) {
  const checkpoint::HeadLayer& heads = circuits_.heads().layers[layer];
  const size_t width = circuits_.width();
  if (heads.latent) {
    // Both factors of V at once; only their product can be taken apart.
    Status status = circuits_.project(layer, ProjectionUse::exact, scratch_, layer_);
    if (!status) return status;
    bytes_ += layer_.bytes;
    projected_ = layer_.v;
    take_exponents(v);
    projected_ = layer_.o;
    take_exponents(o);
    return {};
  }
  Status status = read(
      heads.v, heads.kv_heads * heads.value_size,
      {circuits_.frames(), circuits_.columns(), width, circuits_.norm_weight(heads.in_norm)}, v);
  if (!status) return status;
  return read(
      heads.o, heads.heads * heads.value_size,
      {circuits_.frames(), circuits_.columns(), width, circuits_.norm_weight(heads.out_norm)}, o);
}

}  // namespace wmk::embed
