#include "embed/heads/same_pattern.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

using neurons::Clusters;

// Constants of specs/careful_heads.md 2.
constexpr size_t kFormRows = 16;
constexpr double kUniformBelow = 20;  // log2, below the longest F of the layer
constexpr int kVanishingPart = -126;  // exponent of a product beside the largest one
constexpr double kNoForm = -std::numeric_limits<double>::infinity();

// Where queries or keys are normalised, their lengths say nothing.
bool has_query_norm(const checkpoint::Checkpoint& checkpoint) {
  constexpr const char* words[] = {"q_norm", "k_norm", "norm_q", "q_layernorm", "query_layernorm"};
  return std::any_of(checkpoint.tensors().begin(), checkpoint.tensors().end(), [&](const auto& t) {
    return std::any_of(std::begin(words), std::end(words),
                       [&](const char* word) { return t.name.find(word) != std::string::npos; });
  });
}

}  // namespace

SamePattern::SamePattern(const checkpoint::Checkpoint& checkpoint, const CircuitReader& circuits)
    : circuits_(circuits), has_norm_(has_query_norm(checkpoint)) {
  views_ = checkpoint::query_views(checkpoint, circuits.anatomy());
  rows_ = std::min(kFormRows, 2 * head_rows(circuits.structures()[0]));
  const auto values = circuits.frames().begin();
  frame_.assign(values, values + static_cast<std::ptrdiff_t>(rows_ * circuits.width()));
}

// What vectors that read a latent are projected onto: P (norm of the latent) `down` (norm before
// attention).
Result<std::vector<float>> SamePattern::latent_frame(const checkpoint::View& down, uint64_t size,
                                                     const Onto& onto,
                                                     std::span<const float> norm) {
  ProjectedVectors projected;
  uint64_t bytes = 0;
  Status status = circuits_.project(down, size, onto, scratch_, projected, bytes);
  if (!status) return std::move(status).error();
  for (size_t c = 0; c < rows_ && !norm.empty(); ++c) {
    stats::multiply(norm.data(), size, &projected.y[c * size]);
  }
  return std::move(projected.y);
}

Status SamePattern::read(const checkpoint::HeadLayer& layer, const checkpoint::QueryViews& views,
                         ScaledReader& reader) {
  const Onto onto{frame_, rows_, circuits_.width(), circuits_.norm_weight(layer.in_norm)};
  const auto read_through = [&](const checkpoint::View& vectors, uint64_t count,
                                const checkpoint::View& down, uint64_t size,
                                std::span<const float> norm, ScaledVectors& out) -> Status {
    const auto frame = latent_frame(down, size, onto, norm);
    if (!frame) return frame.error();
    return reader.read(vectors, count, {*frame, rows_, size, {}}, out);
  };
  const uint64_t queries = layer.heads * views.size, keys = layer.kv_heads * views.own;
  Status status;
  if (const auto& latent = views.latent) {
    status = read_through(views.q, queries, latent->down, latent->size, latent->norm, q_);
  } else {
    status = reader.read(views.q, queries, onto, q_);
  }
  if (status && views.shared) {
    status = reader.read(*views.shared, views.size - views.own, onto, shared_);
  }
  if (!status) return status;
  if (!layer.latent) return reader.read(views.k, keys, onto, k_);
  return read_through(views.k, keys, layer.latent->down, layer.latent->size,
                      circuits_.norm_weight(layer.latent->norm), k_);
}

// F of each head at a power of two that brings it to a length of about 1.
void SamePattern::make_forms(const checkpoint::HeadLayer& layer,
                             const checkpoint::QueryViews& views) {
  using stats::Op;
  const size_t entries = rows_ * rows_, heads = layer.heads, size = views.size, own = views.own;
  forms_.assign(entries * heads, 0);
  log2_lengths_.assign(heads, kNoForm);
  std::vector<float> q(rows_ * size), k(rows_ * size), form(entries);
  for (size_t h = 0; h < heads; ++h) {
    const size_t first_q = h * size, first_k = layer.value_head(h) * own;
    const auto keys_of = [&](size_t i) -> const ScaledVectors& { return i < own ? k_ : shared_; };
    const auto key = [&](size_t i) { return i < own ? first_k + i : i - own; };
    int top = std::numeric_limits<int>::min();
    for (size_t i = 0; i < size; ++i) {
      top = std::max(top, q_.exponents[first_q + i] + keys_of(i).exponents[key(i)]);
    }
    for (size_t i = 0; i < size; ++i) {
      const ScaledVectors& from = keys_of(i);
      const int down = q_.exponents[first_q + i] + from.exponents[key(i)] - top;
      const float factor = down < kVanishingPart ? 0.0f : std::ldexp(1.0f, down);
      for (size_t c = 0; c < rows_; ++c) {
        q[c * size + i] = factor * q_.y[c * q_.vectors + first_q + i];
        k[c * size + i] = from.y[c * from.vectors + key(i)];
      }
    }
    stats::gemm(Op::plain, Op::transposed, rows_, rows_, size, q.data(), size, k.data(), size, 0.0f,
                form.data(), rows_);
    double squares = 0;
    for (const float x : form) squares += static_cast<double>(x) * x;
    if (!(squares > 0) || !std::isfinite(squares)) continue;
    log2_lengths_[h] = std::log2(squares) / 2 + top;
    const float factor = static_cast<float>(1 / std::sqrt(squares));
    for (size_t e = 0; e < entries; ++e) forms_[e * heads + h] = form[e] * factor;
  }
}

// Heads that attend to all tokens alike, whatever the direction of F.
std::vector<uint32_t> SamePattern::uniform_heads() const {
  const double longest = *std::max_element(log2_lengths_.begin(), log2_lengths_.end());
  std::vector<uint32_t> out;
  for (uint32_t h = 0; h < log2_lengths_.size(); ++h) {
    const bool is_short = !has_norm_ && log2_lengths_[h] < longest - kUniformBelow;
    if (is_short || log2_lengths_[h] == kNoForm) out.push_back(h);
  }
  return out;
}

Result<Clusters> SamePattern::find(size_t number, ScaledReader& reader) {
  const checkpoint::HeadLayer& layer = circuits_.heads().layers[number];
  const auto& views = views_[number];
  if (!views || layer.heads < 2) return Clusters();
  if (Status status = read(layer, *views, reader); !status) return std::move(status).error();
  make_forms(layer, *views);
  const size_t entries = rows_ * rows_;
  const neurons::GateCoordinates coordinates{
      entries, [&](size_t entry, uint32_t head) { return forms_[entry * layer.heads + head]; }};
  const std::vector<uint32_t> uniform = uniform_heads();
  std::vector<uint8_t> present(layer.heads, 1);
  for (const uint32_t head : uniform) present[head] = 0;
  Clusters out;
  if (coordinates.are_enough()) {
    neurons::GateSigns signs(entries);
    signs.append(std::span(forms_).first(signs.bits() * layer.heads), layer.heads);
    out = neurons::same_gate(coordinates, neurons::likely_pairs(signs, present));
  }
  if (uniform.size() > 1) out.push_back(uniform);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace wmk::embed
