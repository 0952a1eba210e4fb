#include "embed/read/circuit.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/simd.h"
#include "base/text.h"
#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

using stats::Op;

// Outputs are columns: a matrix that fits is read in one run.
constexpr uint64_t kReadBytes = 8ull << 20;

// A factor that is a power of two rounds only below the smallest normal float, as ldexp() does.
WMK_VECTORIZED void scale_by_power(double power_of_two, size_t count, float* values) {
  for (size_t i = 0; i < count; ++i)
    values[i] = static_cast<float>(static_cast<double>(values[i]) * power_of_two);
}

// The larger of `largest` and the magnitudes, as bits: those of NaN are above all others.
WMK_VECTORIZED uint32_t largest_bits(const float* values, size_t count, uint32_t largest) {
  for (size_t i = 0; i < count; ++i) {
    largest = std::max(largest, std::bit_cast<uint32_t>(values[i]) & 0x7FFFFFFFu);
  }
  return largest;
}

// r rows with the coordinates of one head's vectors, divided by 2^exponent.
struct HeadCoordinates {
  const float* rows;
  size_t stride;
  int exponent = 0;
};

// Coordinates whose products might overflow or vanish are divided by a power of two, into `scaled`;
// nothing changes where all are zero or one is not finite.
HeadCoordinates head_coordinates(const ProjectedVectors& from, size_t first_column, size_t r,
                                 size_t first, size_t count, std::vector<float>& scaled) {
  constexpr int kSafeExponent = 32;
  const float* rows = &from.y[first_column * from.vectors + first];
  uint32_t bits = 0;
  for (size_t c = 0; c < r; ++c) bits = largest_bits(rows + c * from.vectors, count, bits);
  const float largest = std::bit_cast<float>(bits);
  if (largest == 0 || !std::isfinite(largest)) return {rows, from.vectors};
  const int exponent = std::ilogb(largest);
  if (std::abs(exponent) <= kSafeExponent) return {rows, from.vectors};
  scaled.resize(r * count);
  for (size_t c = 0; c < r; ++c) std::copy_n(rows + c * from.vectors, count, &scaled[c * count]);
  scale_by_power(std::ldexp(1.0, -exponent), scaled.size(), scaled.data());
  return {scaled.data(), count, exponent};
}

// Scales a head's matrix to length r; 0 where it is zero or not finite.
double to_length(size_t r, float* matrix) {
  const double norm = std::sqrt(stats::sum_of_squares(matrix, r * r));
  const bool has_length = norm > 0 && std::isfinite(norm);
  if (!has_length) std::fill(matrix, matrix + r * r, 0.0f);
  if (has_length) stats::scale(static_cast<float>(static_cast<double>(r) / norm), r * r, matrix);
  return has_length ? norm : 0;
}

}  // namespace

CircuitReader::CircuitReader(const checkpoint::Checkpoint& checkpoint,
                             const checkpoint::Anatomy& anatomy,
                             const std::vector<Structure>& structures)
    : checkpoint_(checkpoint), anatomy_(anatomy), structures_(structures) {
  for (const Structure& structure : structures) {
    first_.push_back(carriers_);
    carriers_ += head_rows(structure);
  }
  for (const bool tags : {false, true}) {
    for (const Structure& structure : structures) {
      const size_t size = head_rows(structure) * structure.frame.width;
      const float* values = structure.frame.values.data() + (tags ? size : 0);
      frames_.insert(frames_.end(), values, values + size);
    }
  }
}

std::span<const float> CircuitReader::norm_weight(const std::optional<size_t>& index) const {
  if (!index) return {};
  return anatomy_.heads.norm_weights[*index];
}

Status CircuitReader::for_each_block(const checkpoint::View& view, size_t vectors,
                                     size_t coordinates, uint64_t bytes, Scratch& scratch,
                                     const std::function<Status(size_t first)>& use) const {
  const auto& tensor = checkpoint_.tensors()[view.tensor];
  const uint64_t panel_bytes = std::max<uint64_t>(
      1, checkpoint::kPanelUnits * coordinates * checkpoint::bits(tensor.dtype) / 8);
  const size_t step = std::max<uint64_t>(1, bytes / panel_bytes) * checkpoint::kPanelUnits;
  const size_t run = view.run == 0 ? vectors : view.run;
  for (size_t begin = 0; begin < vectors; begin += run) {
    const checkpoint::View part = view.run_number(begin / run);
    for (size_t first = 0; first < run; first += step) {
      const size_t count = std::min(step, run - first);
      Status status = scratch.raw.read(checkpoint_, part, coordinates, first, count);
      if (!status)
        return std::move(status).error().within(cat("tensor '", escaped(tensor.name), "'"));
      if (status = use(begin + first); !status) return status;
    }
  }
  return {};
}

Status CircuitReader::project(const checkpoint::View& view, size_t vectors, const Onto& onto,
                              Scratch& scratch, ProjectedVectors& out, uint64_t& bytes) const {
  const size_t width = onto.coordinates;
  out.vectors = vectors;
  out.y.resize(onto.columns * vectors);
  out.square_norms.assign(onto.square_norms ? vectors : 0, 0);
  return for_each_block(view, vectors, width, kReadBytes, scratch, [&](size_t first) -> Status {
    bytes += scratch.raw.bytes_read();
    project_vectors(scratch.raw, onto, first, scratch.buffers, out);
    return {};
  });
}

Status CircuitReader::project_latent(const checkpoint::HeadLayer& heads, Scratch& scratch,
                                     LayerProjection& out) const {
  const checkpoint::LatentValues& latent = *heads.latent;
  ProjectedVectors down;
  Status status = project(latent.down, latent.size,
                          {frames_, columns(), anatomy_.width, norm_weight(heads.in_norm)}, scratch,
                          down, out.bytes);
  if (!status) return status;
  out.latent_frames = std::move(down.y);
  const std::span<const float> norm = norm_weight(latent.norm);
  for (size_t c = 0; c < columns() && !norm.empty(); ++c) {
    stats::multiply(norm.data(), latent.size, &out.latent_frames[c * latent.size]);
  }
  return {};
}

Status CircuitReader::project(size_t layer, ProjectionUse use, Scratch& scratch,
                              LayerProjection& out) const {
  const checkpoint::HeadLayer& heads = anatomy_.heads.layers[layer];
  out.layer = &heads;
  out.bytes = 0;
  Status status = heads.latent ? project_latent(heads, scratch, out) : Status();
  if (!status) return status;
  const auto norm = heads.latent ? std::span<const float>() : norm_weight(heads.in_norm);
  VectorMemo* memo = heads.latent ? nullptr : memo_;
  const auto read = [&](const checkpoint::View& view, size_t vectors, Onto onto,
                        ProjectedVectors& to) -> Status {
    onto.rounded = use == ProjectionUse::exact ? 0 : carriers_;
    onto.square_norms = use != ProjectionUse::sketch;
    if (memo && memo->find(view, vectors, onto.norm_weight, to)) return {};
    Status done = project(view, vectors, onto, scratch, to, out.bytes);
    if (done && memo) memo->keep(view, vectors, onto.norm_weight, to);
    return done;
  };
  status = read(heads.v, heads.kv_heads * heads.value_size,
                {value_frames(out), columns(), value_coordinates(heads), norm,
                 heads.latent ? nullptr : &scratch.v_frames},
                out.v);
  if (!status) return status;
  return read(heads.o, heads.heads * heads.value_size,
              {frames_, columns(), anatomy_.width, norm_weight(heads.out_norm), &scratch.o_frames},
              out.o);
}

void CircuitReader::multiply(const LayerProjection& layer, size_t structure, Circuits& out) const {
  const size_t r = head_rows(structures_[structure]);
  const checkpoint::HeadLayer& heads = *layer.layer;
  const size_t size = heads.value_size;
  out.heads = heads.heads;
  out.r = r;
  out.absent = 0;
  out.a.resize(heads.heads * r * r);
  out.b.resize(heads.heads * r * r);
  out.a_norms.assign(heads.heads, 0);
  std::vector<float> po, vp;
  for (size_t h = 0; h < heads.heads; ++h) {
    for (const bool tags : {false, true}) {
      const size_t first = tags ? tag_column(structure) : carrier_column(structure);
      const auto o = head_coordinates(layer.o, first, r, h * size, size, po);
      const auto v = head_coordinates(layer.v, first, r, heads.value_head(h) * size, size, vp);
      float* matrix = &(tags ? out.b : out.a)[h * r * r];
      stats::gemm(Op::plain, Op::transposed, r, r, size, o.rows, o.stride, v.rows, v.stride, 0.0f,
                  matrix, r);
      const double norm = to_length(r, matrix);
      if (!tags) out.a_norms[h] = std::ldexp(norm, o.exponent + v.exponent);
      if (norm == 0) out.a_norms[h] = 0;
    }
    if (out.a_norms[h] > 0) continue;
    std::fill_n(&out.a[h * r * r], r * r, 0.0f);
    ++out.absent;
  }
}

}  // namespace wmk::embed
