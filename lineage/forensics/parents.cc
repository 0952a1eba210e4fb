#include "lineage/forensics/parents.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "base/text.h"
#include "lineage/forensics/mixture.h"
#include "lineage/model/layer_matrices.h"
#include "lineage/model/sampling.h"

namespace wmk::lineage {

namespace {

constexpr uint64_t kParentRows = 64;                    // of a matrix
constexpr double kPartMin = 0.05, kExplainedMin = 0.9;  // of a mixture

std::string why_no_parent(const Side& suspect, const Side& parent,
                          const std::vector<size_t>& places) {
  const auto differ = [](std::string_view what, uint64_t b, uint64_t a) {
    return b == a ? std::string() : cat(what, " ", a, " against ", b);
  };
  const auto of_b = layers_with_neurons(*suspect.anatomy),
             of_a = layers_with_neurons(*parent.anatomy);
  for (const auto& why :
       {differ("width", suspect.width(), parent.width()), differ("depth", of_b.size(), of_a.size()),
        differ("head size", suspect.attention.head_size, parent.attention.head_size)}) {
    if (!why.empty()) return why;
  }
  for (const size_t place : places) {
    const auto b = matrices_of_layer(suspect, of_b[place]);
    const auto a = matrices_of_layer(parent, of_a[place]);
    const bool same = std::equal(b.begin(), b.end(), a.begin(), a.end(),
                                 [](const WeightMatrix& x, const WeightMatrix& y) {
                                   return x.name == y.name && x.rows == y.rows;
                                 });
    if (!same || b.empty()) return cat("the matrices of layer ", of_a[place], " differ in size");
  }
  return {};
}

// Some rows of one matrix.
struct ParentTask {
  size_t layer = 0, matrix = 0;  // indices
  uint64_t first = 0, rows = 0;
};

std::vector<ParentTask> parent_tasks(const Side& suspect, const std::vector<size_t>& places,
                                     uint64_t seed) {
  auto random = random_for(seed, "parents");
  const auto layers = layers_with_neurons(*suspect.anatomy);
  std::vector<ParentTask> out;
  for (const size_t place : places) {
    const auto matrices = matrices_of_layer(suspect, layers[place]);
    for (size_t i = 0; i < matrices.size(); ++i) {
      const uint64_t rows = std::min(kParentRows, matrices[i].rows);
      out.push_back({place, i, below(random, matrices[i].rows - rows + 1), rows});
    }
  }
  return out;
}

Result<std::vector<float>> rows_of_task(const Side& side, const ParentTask& task) {
  const auto layer = layers_with_neurons(*side.anatomy)[task.layer];
  const auto matrix = matrices_of_layer(side, layer)[task.matrix];
  return load_vectors({&side, matrix.view, nullptr, nullptr}, task.first, task.rows);
}

// Fits the compared parents and writes the results to their places among all parents.
void fill_in(const std::vector<size_t>& compared, const std::vector<MixtureProducts>& products,
             ParentFits& out) {
  MixtureProducts pooled(compared.size());
  std::vector<MatrixFit> kept;
  for (size_t i = 0; i < products.size(); ++i) {
    if (!products[i].is_sound()) continue;
    pooled.add(products[i]);
    const Mixture mixture = best_mixture(products[i]);
    MatrixFit& fit = kept.emplace_back(out.matrices[i]);
    fit.explained = mixture.explained;
    fit.weights.assign(out.parents.size(), 0.0);
    for (size_t k = 0; k < compared.size(); ++k) {
      const double weight = mixture.weights[k];
      ParentFit& parent = out.parents[compared[k]];
      fit.weights[compared[k]] = weight;
      parent.lowest = kept.size() == 1 ? weight : std::min(parent.lowest, weight);
      parent.highest = kept.size() == 1 ? weight : std::max(parent.highest, weight);
    }
  }
  out.matrices = std::move(kept);
  if (out.matrices.empty()) return;
  const Mixture mixture = best_mixture(pooled);
  out.explained = mixture.explained;
  for (size_t k = 0; k < compared.size(); ++k) {
    out.parents[compared[k]].weight = mixture.weights[k];
    out.parents[compared[k]].alone = pooled.alone[k] / pooled.bb;
  }
}

}  // namespace

bool is_mixture(const ParentFits& fits) {
  size_t parts = 0;
  double alone = 0;
  for (const size_t i : fits.ranking) {
    parts += fits.parents[i].weight > kPartMin;
    alone = std::max(alone, fits.parents[i].alone);
  }
  return parts > 1 && fits.explained > kExplainedMin && 1 - fits.explained < (1 - alone) / 2;
}

Result<ParentFits> fit_parents(Side suspect, std::vector<Side> parents, uint64_t seed,
                               unsigned threads) {
  if (auto status = find_attention(suspect); !status) return std::move(status).error();
  for (Side& parent : parents) {
    if (auto status = find_attention(parent); !status) return std::move(status).error();
  }
  const auto layers = layers_with_neurons(*suspect.anatomy);
  const auto places = evenly(layers.size(), kSampledLayers);
  ParentFits out;
  std::vector<size_t> compared;
  for (size_t i = 0; i < parents.size(); ++i) {
    out.parents.push_back({why_no_parent(suspect, parents[i], places), 0, 0, 0, 0});
    if (out.parents[i].missing.empty()) compared.push_back(i);
  }
  if (compared.empty()) return out;
  const auto tasks = parent_tasks(suspect, places, seed);
  std::vector<MixtureProducts> products(tasks.size());
  auto status = parallel_for(tasks.size(), threads, [&](size_t i, unsigned) -> Status {
    auto b = rows_of_task(suspect, tasks[i]);
    if (!b) return std::move(b).error();
    std::vector<std::vector<float>> rows;
    for (const size_t parent : compared) {
      auto a = rows_of_task(parents[parent], tasks[i]);
      if (!a) return std::move(a).error();
      rows.push_back(*std::move(a));
    }
    products[i] = mixture_products(*b, rows);
    return {};
  });
  if (!status) return std::move(status).error();
  for (const ParentTask& task : tasks) {
    const uint64_t layer = layers[task.layer];
    out.matrices.push_back({layer, matrices_of_layer(suspect, layer)[task.matrix].name, {}, 0});
  }
  fill_in(compared, products, out);
  out.ranking = compared;
  std::stable_sort(out.ranking.begin(), out.ranking.end(),
                   [&](size_t i, size_t j) { return out.parents[i].alone > out.parents[j].alone; });
  return out;
}

}  // namespace wmk::lineage
