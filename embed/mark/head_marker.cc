#include "embed/mark/head_marker.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "embed/mark/inverse_norm.h"
#include "embed/scheme/rounding.h"
#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

using stats::Op;

// ||W|| of one head.
double head_norm(const ProjectedVectors& from, size_t first, size_t count) {
  double squares = 0;
  for (size_t i = first; i < first + count; ++i) squares += from.square_norms[i];
  return std::sqrt(squares);
}

// Adds `part` (r x count), scaled so that its `norm` becomes `length`, to the steps of one head.
void add_scaled_to(const std::vector<float>& part, double norm, double length, size_t r,
                   size_t count, size_t stride, float* steps) {
  const double factor = length / norm;
  if (!(norm > 0) || !std::isfinite(factor)) return;
  for (size_t c = 0; c < r; ++c) {
    stats::add_scaled(static_cast<float>(factor), &part[c * count], count, steps + c * stride);
  }
}

double root_of_squares(const std::vector<float>& values) {
  return std::sqrt(stats::sum_of_squares(values.data(), values.size()));
}

}  // namespace

HeadMarker::HeadMarker(const checkpoint::Checkpoint& checkpoint, const CircuitReader& reader,
                       double strength, const crypto::SecretBytes& rounding_key)
    : checkpoint_(checkpoint),
      reader_(reader),
      strength_(strength),
      rounding_key_(rounding_key),
      back_(carry_rows(reader.frames(), reader.width()), reader.carrier_columns(), reader.width()) {
  for (const Structure& share : reader.structures()) {
    const WipedVector<int8_t> signs = head_carrier(share);
    carriers_.emplace_back(signs.begin(), signs.end());
  }
  for (const auto& each : reader.heads().norm_weights) {
    inverse_norm_weights_.push_back(inverse_norm_weight(each));
  }
}

// Everything is read from the unmarked heads: the steps of all shares are added up before any of
// them is written.
void HeadMarker::Worker::add_share(const HeadMarker& marker, size_t structure) {
  const CircuitReader& reader = marker.reader_;
  const checkpoint::HeadLayer& layer = *projection_.layer;
  reader.multiply(projection_, structure, circuits_);
  const size_t r = circuits_.r, size = layer.value_size;
  make_head_tags(circuits_, head_tag_entries(reader.structures()[structure]), TagRule::hard, tags_);
  sums_.resize(circuits_.heads * r * r);
  stats::gemm(Op::plain, Op::plain, circuits_.heads, r * r, kHeadTags, tags_.data(), kHeadTags,
              marker.carriers_[structure].data(), r * r, 0.0f, sums_.data(), r * r);
  // Steps have the rows that carry, in the same order.
  const size_t first = reader.carrier_column(structure);
  const auto &v = projection_.v, &o = projection_.o;
  std::vector<float> value(r * size), share(r * size);
  for (size_t kv = 0; kv < layer.kv_heads; ++kv) {
    std::fill(value.begin(), value.end(), 0.0f);
    for (size_t h = 0; h < layer.heads; ++h) {
      if (layer.value_head(h) != kv || !(circuits_.a_norms[h] > 0)) continue;
      const float* d = &sums_[h * r * r];
      stats::gemm(Op::plain, Op::plain, r, size, r, d, r, &v.y[first * v.vectors + kv * size],
                  v.vectors, 0.0f, share.data(), size);
      add_scaled_to(share, root_of_squares(share), marker.strength_ * head_norm(o, h * size, size),
                    r, size, o.vectors, &o_steps_[first * o.vectors + h * size]);
      stats::gemm(Op::transposed, Op::plain, r, size, r, d, r, &o.y[first * o.vectors + h * size],
                  o.vectors, 0.0f, share.data(), size);
      stats::add_scaled(static_cast<float>(1 / circuits_.a_norms[h]), share.data(), share.size(),
                        value.data());
    }
    add_scaled_to(value, value_length(marker, value, first, size),
                  marker.strength_ * head_norm(v, kv * size, size), r, size, v.vectors,
                  &v_steps_[first * v.vectors + kv * size]);
  }
}

// Of the change of V that a step makes: frames have orthonormal rows, those of a latent have not.
double HeadMarker::Worker::value_length(const HeadMarker& marker, const std::vector<float>& step,
                                        size_t first, size_t size) {
  if (!projection_.layer->latent) return root_of_squares(step);
  const size_t r = circuits_.r, coordinates = marker.reader_.value_coordinates(*projection_.layer);
  delta_.resize(size * coordinates);
  stats::gemm(Op::transposed, Op::plain, size, coordinates, r, step.data(), size,
              &projection_.latent_frames[first * coordinates], coordinates, 0.0f, delta_.data(),
              coordinates);
  return root_of_squares(delta_);
}

// delta = P^T step for the block in scratch_, whose first vector is number `first`. Rounding steps
// and frames to bf16 changes it by 2^-9, far below the rounding step of every type but f32.
void HeadMarker::Worker::change_block(const HeadMarker& marker, bool values, size_t first) {
  using Changes = BackProjection::Changes;
  const checkpoint::RawBlock& raw = scratch_.raw;
  const std::vector<float>& steps = values ? v_steps_ : o_steps_;
  const size_t vectors = values ? projection_.v.vectors : projection_.o.vectors;
  const size_t rows = steps.size() / vectors, count = raw.units(), width = raw.width();
  const bool by_unit = raw.unit_major(), precise = raw.dtype() == checkpoint::DType::f32;
  delta_.resize(count * width);
  if (precise || (values && projection_.layer->latent)) {
    const std::vector<float>& frames =
        values ? marker.reader_.value_frames(projection_) : marker.reader_.frames();
    const Changes changes{&steps[first], count, vectors, by_unit, precise};
    return BackProjection::exact_strip(marker.carry_rows(frames, width), width, changes, 0,
                                       by_unit ? count : width, delta_.data());
  }
  part_.resize(rows * count);
  for (size_t c = 0; c < rows; ++c) {
    std::transform(&steps[c * vectors + first], &steps[c * vectors + first] + count,
                   &part_[c * count], stats::nearest_bf16);
  }
  const Changes changes{part_.data(), count, count, by_unit, precise};
  marker.back_.pack(changes, packed_);
  marker.back_.strip(changes, packed_, 0, by_unit ? count : width, delta_.data());
}

// delta w = P^T step / norm weight, added to the stored vectors and rounded.
Status HeadMarker::Worker::write(const HeadMarker& marker, bool values,
                                 const checkpoint::CheckpointCopy& copy, Change& change) {
  const CircuitReader& reader = marker.reader_;
  const checkpoint::HeadLayer& layer = *projection_.layer;
  const checkpoint::View& view = values ? layer.v : layer.o;
  const auto norm = !values ? layer.out_norm : layer.latent ? std::nullopt : layer.in_norm;
  const std::vector<float>* inverse = norm ? &marker.inverse_norm_weights_[*norm] : nullptr;
  const ProjectedVectors& projected = values ? projection_.v : projection_.o;
  const auto& tensor = marker.checkpoint_.tensors()[view.tensor];
  const uint64_t seed = rounding_seed(marker.rounding_key_, tensor.name);
  const size_t width = values ? reader.value_coordinates(layer) : reader.width();
  for (double each : projected.square_norms) change.norm_squared += each;
  return reader.for_each_block(
      view, projected.vectors, width, checkpoint::kBlockBytes, scratch_,
      [&](size_t first) -> Status {
        checkpoint::RawBlock& raw = scratch_.raw;
        const bool rows = raw.unit_major();
        const size_t row_count = rows ? raw.units() : width, row_size = rows ? width : raw.units();
        change_block(marker, values, first);
        for (size_t i = 0; i < row_count; ++i) {
          float* row = &delta_[i * row_size];
          change.difference_squared += stats::sum_of_squares(row, row_size);
          if (inverse && rows) stats::multiply(inverse->data(), row_size, row);
          if (inverse && !rows) stats::scale((*inverse)[i], row_size, row);
          const uint64_t unit = rows ? i : 0, coordinate = rows ? 0 : i;
          add_rounded(raw.dtype(), raw.element(unit, coordinate), row_size, raw.step(), row, seed,
                      raw.tensor_index(unit, coordinate));
        }
        return raw.write(marker.checkpoint_, copy.file(tensor.file));
      });
}

Status HeadMarker::Worker::mark(const HeadMarker& marker, size_t layer,
                                const checkpoint::CheckpointCopy& copy, Change& change) {
  const CircuitReader& reader = marker.reader_;
  Status status = reader.project(layer, ProjectionUse::mark, scratch_, projection_);
  if (!status) return status;
  const size_t rows = reader.carrier_columns();
  v_steps_.assign(rows * projection_.v.vectors, 0.0f);
  o_steps_.assign(rows * projection_.o.vectors, 0.0f);
  for (size_t s = 0; s < reader.structures().size(); ++s) {
    add_share(marker, s);
    if (s == 0) change.skipped += circuits_.absent;
  }
  change.units += circuits_.heads;
  status = write(marker, true, copy, change);
  return status ? write(marker, false, copy, change) : std::move(status);
}

}  // namespace wmk::embed
