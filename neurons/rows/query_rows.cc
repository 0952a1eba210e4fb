#include "neurons/rows/query_rows.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/parallel.h"
#include "stats/gemm.h"
#include "stats/symmetric_tiles.h"
#include "stats/vectors.h"

namespace wmk::neurons {

namespace {

using stats::Op;

constexpr double kFormRidge = 1e-9;
constexpr double kVanishing = -100;  // log2, beside the largest

// The rows of U^T U = K K^T times Q, where row i of Q is `weights[i]` times a row of length 1, and
// the rows of K have length 1: their second moment is that of K^T Q. At length 1 together.
void add_side(const Rows& q, const Rows& k, const std::vector<double>& weights, float* out) {
  const size_t size = q.count, width = q.width;
  std::vector<float> products(size * size);
  stats::gemm(Op::plain, Op::transposed, size, size, width, k.values.data(), width, k.values.data(),
              width, 0.0f, products.data(), size);
  stats::SymmetricTiles<double> factor(size);
  for (size_t i = 0; i < size; ++i) factor.add_lower_row(i, &products[i * size], i + 1);
  if (factor.factor(kFormRidge, 1) < 0) return;
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j < size; ++j) {
      products[i * size + j] = j < i ? 0.0f : static_cast<float>(factor.at(i, j) * weights[j]);
    }
  }
  stats::gemm(Op::plain, Op::plain, size, width, size, products.data(), size, q.values.data(),
              width, 0.0f, out, width);
  const double squares = stats::sum_of_squares(out, size * width);
  const bool usable = squares > 0 && std::isfinite(squares);
  const auto length = static_cast<float>(std::sqrt(static_cast<double>(size)));
  if (usable) stats::scale(length / static_cast<float>(std::sqrt(squares)), size * width, out);
  if (!usable) std::fill_n(out, size * width, 0.0f);
}

void append(const Rows& more, Rows& to) {
  to.values.insert(to.values.end(), more.values.begin(), more.values.end());
  to.count += more.count;
}

// Scales rows to length 1; log2 of what each was divided by is added to `logs`.
void take_lengths(Rows& rows, const std::vector<int>& exponents, std::vector<double>& logs) {
  for (size_t i = 0; i < rows.count; ++i) {
    const double squares = stats::sum_of_squares(rows.row(i), rows.width);
    logs[i] += std::log2(squares) / 2 + exponents[i];  // -infinity for a row of zeros
  }
  normalise(rows);
}

}  // namespace

QueryRows::QueryRows(const Model& model, Rows basis)
    : RowSource(model, std::move(basis)),
      views_(checkpoint::query_views(*model.checkpoint, *model.anatomy)) {
  for (size_t i = 0; i < views_.size(); ++i) {
    if (views_[i]) layers_.push_back(i);
  }
}

uint64_t QueryRows::layer_number(size_t layer) const {
  return model_.anatomy->heads.layers[layers_[layer]].layer;
}

bool QueryRows::reads_as(const QueryRows& other) const {
  const checkpoint::Heads &heads = model_.anatomy->heads, &others = other.model_.anatomy->heads;
  const auto norm_of = [](const checkpoint::Heads& all, const std::optional<size_t>& norm) {
    return norm ? all.norm_weights[*norm] : std::vector<float>();
  };
  const auto is_latent_equal = [&](const checkpoint::HeadLayer& a, const checkpoint::HeadLayer& b) {
    if (!a.latent || !b.latent) return !a.latent && !b.latent;
    return a.latent->size == b.latent->size && a.latent->down == b.latent->down &&
           norm_of(heads, a.latent->norm) == norm_of(others, b.latent->norm);
  };
  const auto is_equal = [&](size_t i, size_t j) {
    const auto &x = *views_[i], &y = *other.views_[j];
    const checkpoint::HeadLayer &a = heads.layers[i], &b = others.layers[j];
    return x == y && is_latent_equal(a, b) && a.heads == b.heads && a.kv_heads == b.kv_heads &&
           a.by_expert == b.by_expert && norm_of(heads, a.in_norm) == norm_of(others, b.in_norm);
  };
  return model_.checkpoint == other.model_.checkpoint && width() == other.width() &&
         std::equal(layers_.begin(), layers_.end(), other.layers_.begin(), other.layers_.end(),
                    is_equal);
}

Status QueryRows::read_matrix(const checkpoint::HeadLayer& layer, const checkpoint::View& view,
                              uint64_t first, uint64_t count, Rows& out,
                              std::vector<int>& exponents) const {
  Status status = read_view(*model_.checkpoint, view, model_.anatomy->width, first, count, out);
  if (!status) return status;
  remove_scale(out, exponents);
  if (layer.in_norm) {
    const auto& weights = model_.anatomy->heads.norm_weights[*layer.in_norm];
    for (size_t i = 0; i < count; ++i) stats::multiply(weights.data(), out.width, out.row(i));
  }
  to_basis(out);
  return {};
}

Status QueryRows::read_through(const std::optional<LatentMatrix>& latent,
                               const checkpoint::HeadLayer& layer, const checkpoint::View& view,
                               uint64_t first, uint64_t count, Rows& out,
                               std::vector<int>& exponents) const {
  if (!latent) return read_matrix(layer, view, first, count, out, exponents);
  Status status = read_view(*model_.checkpoint, view, latent->size(), first, count, out);
  if (status) latent->apply(out, exponents);
  return status;
}

Result<QueryRows::Latents> QueryRows::read_latents(size_t number) const {
  const checkpoint::HeadLayer& layer = model_.anatomy->heads.layers[layers_[number]];
  const auto& queries = views_[layers_[number]]->latent;
  Latents out;
  Rows down;
  std::vector<int> exponents;
  if (queries) {
    Status status = read_matrix(layer, queries->down, 0, queries->size, down, exponents);
    if (!status) return std::move(status).error();
    out.q.emplace(std::exchange(down, {}), std::exchange(exponents, {}), queries->norm);
  }
  if (layer.latent) {
    Status status = read_matrix(layer, layer.latent->down, 0, layer.latent->size, down, exponents);
    if (!status) return std::move(status).error();
    const auto& norm = layer.latent->norm;
    out.k.emplace(std::move(down), std::move(exponents),
                  norm ? model_.anatomy->heads.norm_weights[*norm] : std::vector<float>());
  }
  return out;
}

// Rows of both sides: 2 x size.
Status QueryRows::read_head(size_t number, const Latents& latents, uint64_t head,
                            float* out) const {
  const checkpoint::HeadLayer& layer = model_.anatomy->heads.layers[layers_[number]];
  const checkpoint::QueryViews& views = *views_[layers_[number]];
  const uint64_t size = views.size, kv_head = layer.value_head(head);
  Rows q, k;
  std::vector<int> q_exponents, k_exponents;
  Status status = read_through(latents.q, layer, views.q, head * size, size, q, q_exponents);
  if (status) {
    status =
        read_through(latents.k, layer, views.k, kv_head * views.own, views.own, k, k_exponents);
  }
  if (status && views.shared) {
    Rows shared;
    std::vector<int> exponents;
    status = read_matrix(layer, *views.shared, 0, size - views.own, shared, exponents);
    append(shared, k);
    k_exponents.insert(k_exponents.end(), exponents.begin(), exponents.end());
  }
  if (!status) return status;
  std::vector<double> logs(size), weights(size);
  take_lengths(q, q_exponents, logs);
  take_lengths(k, k_exponents, logs);
  const double largest = *std::max_element(logs.begin(), logs.end());
  for (size_t i = 0; i < size; ++i) {
    const double log = logs[i] - largest;
    weights[i] = log > kVanishing ? std::exp2(log) : 0;  // also where all are -infinity
  }
  add_side(q, k, weights, out);
  add_side(k, q, weights, out + size * width());
  return {};
}

Result<Rows> QueryRows::read(size_t number, uint64_t limit, unsigned threads, const Keep& keep) {
  const checkpoint::HeadLayer& layer = model_.anatomy->heads.layers[layers_[number]];
  const uint64_t each = 2 * views_[layers_[number]]->size;
  const uint64_t heads = std::clamp<uint64_t>(limit / each, 1, layer.heads);
  Rows out{heads * each, width(), std::vector<float>(heads * each * width())};
  const auto latents = read_latents(number);
  if (!latents) return latents.error();
  Status status = parallel_for(heads, threads, [&](size_t i, unsigned) {
    return read_head(number, *latents, i * layer.heads / heads, out.row(i * each));
  });
  if (!status) return std::move(status).error();
  if (!keep) return out;
  size_t kept = 0;
  for (size_t i = 0; i < out.count; ++i) {
    if (keep(i)) std::copy_n(out.row(i), out.width, out.row(kept++));
  }
  out.count = kept;
  out.values.resize(kept * out.width);
  return out;
}

}  // namespace wmk::neurons
