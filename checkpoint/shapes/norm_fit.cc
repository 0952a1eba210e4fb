#include "checkpoint/shapes/norm_fit.h"

#include <algorithm>
#include <cmath>

#include "checkpoint/shapes/profile.h"

namespace wmk::checkpoint {

namespace {

constexpr size_t kLayersSampled = 32;
// Agreement below it is chance.
constexpr double kNormsAgree = 0.15;
// Where each layer has the best of many, chance agrees too.
constexpr size_t kLayersMatched = 256, kVectorsMatched = 2048;
constexpr double kMatchMin = 0.4, kMatchFactor = 0.6;

// What is left of each vector without the mean of all: it tells neighbouring layers apart.
Lengths without_mean(Lengths all) {
  for (size_t c = 0; c < all[0].size(); ++c) {
    float mean = 0;
    for (const auto& each : all) mean += each[c] / static_cast<float>(all.size());
    for (auto& each : all) each[c] -= mean;
  }
  return all;
}

double correlation_of(const Lengths& a, const Lengths& b) {
  double product = 0, left = 0, right = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t c = 0; c < a[i].size(); ++c) {
      product += static_cast<double>(a[i][c]) * b[i][c];
      left += static_cast<double>(a[i][c]) * a[i][c];
      right += static_cast<double>(b[i][c]) * b[i][c];
    }
  }
  return left > 0 && right > 0 ? std::fabs(product) / std::sqrt(left * right) : 0;
}

// Of gate and up together: both read what the norm writes.
std::vector<float> columns_of(ColumnLengths& lengths, const LayerPlace& layer, uint64_t width) {
  const uint64_t slice = layer.slice.value_or(0);
  std::vector<float> out = lengths.of(layer.up.view(slice), layer.up.units, width);
  if (!layer.gate) return out;
  const auto& gate = lengths.of(layer.gate->view(slice), layer.gate->units, width);
  for (size_t c = 0; c < std::min(out.size(), gate.size()); ++c) out[c] += gate[c];
  return normalised(std::move(out));
}

}  // namespace

// The first and last layers are odd, and lack some choices.
NormSample sample_of(ColumnLengths& lengths, const std::vector<LayerPlace>& layers,
                     uint64_t width) {
  const size_t margin = layers.size() / 8, inner = layers.size() - 2 * margin;
  const size_t taken = std::min(inner, kLayersSampled);
  NormSample out;
  for (size_t i = 0; i < taken; ++i) {
    out.layers.push_back(layers[margin + i * inner / taken]);
    out.columns.push_back(columns_of(lengths, out.layers.back(), width));
  }
  return out;
}

double fit_of(const Checkpoint& checkpoint, const NormChoice& choice, const NormSample& sample,
              uint64_t width) {
  Lengths norms, columns;
  for (size_t i = 0; i < sample.layers.size(); ++i) {
    const auto at = choice.by_layer.find(sample.layers[i].layer);
    if (at == choice.by_layer.end() || sample.columns[i].empty()) continue;
    auto values = standardised(read_vector(checkpoint, at->second, width));
    if (values.empty()) continue;
    norms.push_back(std::move(values));
    columns.push_back(sample.columns[i]);
  }
  if (norms.empty()) return 0;
  // A layer that the choice leaves out agrees with nothing.
  const double share =
      static_cast<double>(norms.size()) / static_cast<double>(sample.layers.size());
  const double factor = choice.is_matched ? kMatchFactor * share : share;
  const double all = correlation_of(norms, columns);
  const auto values = static_cast<double>(norms.size() * width);
  if (all < kNormsAgree + 2 / std::sqrt(values)) return 0;
  if (norms.size() < 3) return factor * all;
  return factor *
         (all + correlation_of(without_mean(std::move(norms)), without_mean(std::move(columns))));
}

std::optional<NormChoice> match_norms(const Checkpoint& checkpoint, ColumnLengths& lengths,
                                      const ShapeReading& shapes,
                                      const std::vector<LayerPlace>& layers) {
  if (layers.size() > kLayersMatched || shapes.vectors.size() > kVectorsMatched) return {};
  Lengths columns, norms;
  std::vector<VectorPlace> places;
  for (const LayerPlace& layer : layers) {
    columns.push_back(columns_of(lengths, layer, shapes.width));
    if (columns.back().empty()) return {};
  }
  for (const VectorSlot& vector : shapes.vectors) {
    auto values = standardised(read_vector(checkpoint, {vector.tensor, 0}, shapes.width));
    if (vector.slices != 1 || values.empty()) continue;
    norms.push_back(std::move(values));
    places.push_back({vector.tensor, 0});
  }
  if (norms.empty() || columns.empty()) return {};
  const Lengths norms_left = without_mean(norms), columns_left = without_mean(columns);
  NormChoice out{"each norm matched to its FFN by lengths", {}, true};
  for (size_t i = 0; i < layers.size(); ++i) {
    double best = kMatchMin + 4 / std::sqrt(static_cast<double>(shapes.width));
    for (size_t k = 0; k < norms.size(); ++k) {
      const double found = correlation_of({norms[k]}, {columns[i]}) +
                           correlation_of({norms_left[k]}, {columns_left[i]});
      if (found <= best) continue;
      best = found;
      out.by_layer[layers[i].layer] = places[k];
    }
  }
  if (2 * out.by_layer.size() < layers.size()) return {};
  return out;
}

}  // namespace wmk::checkpoint
