#include "checkpoint/shapes/norm_choices.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "checkpoint/numbers/widen.h"
#include "checkpoint/shapes/profile.h"

namespace wmk::checkpoint {

namespace {

constexpr size_t kLayersSampled = 32;
constexpr size_t kNumbersTried = 3;
constexpr size_t kChoicesMax = 16;
constexpr double kAgreementMin = 0.15;
constexpr double kAgreementStep = 0.01;
// Each norm for itself: by chance the best of many agrees too.
constexpr size_t kLayersMatched = 256, kVectorsMatched = 2048;
constexpr double kMatchMin = 0.4, kMatchFactor = 0.6;
// Places beside an FFN, in the order in which they are tried: the vector before it, the one
// after its first matrix, ...
constexpr std::array<int, 8> kSteps = {-1, 0, 1, -2, 2, -3, 3, 4};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The name with its run of digits number `place` replaced, and that number.
std::optional<std::pair<std::string, uint64_t>> split_name(std::string_view name, size_t place) {
  for (size_t at = 0; at < name.size();) {
    if (!is_digit(name[at])) {
      ++at;
      continue;
    }
    size_t end = at;
    while (end < name.size() && is_digit(name[end])) ++end;
    if (place-- == 0) {
      uint64_t number = 0;
      if (end - at > 18) return std::nullopt;
      for (size_t i = at; i < end; ++i) number = number * 10 + static_cast<uint64_t>(name[i] - '0');
      return std::pair(cat(name.substr(0, at), "#", name.substr(end)), number);
    }
    at = end;
  }
  return std::nullopt;
}

// Vectors that have one name but for the number of the layer.
std::vector<NormChoice> by_name(const std::vector<Tensor>& tensors, const ShapeReading& shapes,
                                const std::vector<LayerPlace>& layers) {
  std::vector<NormChoice> out;
  for (size_t place = 0; place < kNumbersTried && out.empty(); ++place) {
    std::map<std::string, std::map<uint64_t, VectorPlace>> found;
    for (const VectorSlot& vector : shapes.vectors) {
      if (vector.slices != 1) continue;
      const auto name = split_name(tensors[vector.tensor].name, place);
      if (name) found[name->first].emplace(name->second, VectorPlace{vector.tensor, 0});
    }
    for (auto& [name, numbered] : found) {
      const bool has_all = std::all_of(layers.begin(), layers.end(), [&](const LayerPlace& layer) {
        return layer.is_named && numbered.contains(layer.layer);
      });
      if (has_all) out.push_back({cat("norm '", escaped(name), "'"), std::move(numbered)});
    }
  }
  return out;
}

// Tensors [layers, d] beside stacked layers.
std::vector<NormChoice> by_row(const std::vector<Tensor>& tensors, const ShapeReading& shapes,
                               const std::vector<LayerPlace>& layers) {
  std::vector<NormChoice> out;
  for (const VectorSlot& vector : shapes.vectors) {
    if (vector.slices != layers.size() || out.size() >= kChoicesMax) continue;
    NormChoice choice{cat("norm '", escaped(tensors[vector.tensor].name), "'"), {}};
    for (const LayerPlace& layer : layers) {
      if (!layer.slice) return {};
      choice.by_layer[layer.layer] = {vector.tensor, *layer.slice};
    }
    out.push_back(std::move(choice));
  }
  return out;
}

// Vectors at one distance from each FFN, in the order of tensors.
std::vector<NormChoice> by_order(const ShapeReading& shapes, const std::vector<size_t>& rank,
                                 const std::vector<LayerPlace>& layers) {
  std::vector<std::pair<size_t, size_t>> vectors;  // position, tensor
  for (const VectorSlot& vector : shapes.vectors) {
    if (vector.slices == 1) vectors.emplace_back(rank[vector.tensor], vector.tensor);
  }
  std::sort(vectors.begin(), vectors.end());
  if (vectors.empty() || layers.empty()) return {};
  const auto after = [&](const LayerPlace& layer) {
    return std::lower_bound(vectors.begin(), vectors.end(), std::pair(layer.position, size_t{0})) -
           vectors.begin();
  };
  // Where no vectors lie between the FFNs, there are as many for each of them.
  const bool is_apart = layers.size() > 1 && after(layers.front()) == after(layers.back());
  const auto step = static_cast<ptrdiff_t>(vectors.size() / layers.size());
  std::vector<NormChoice> out;
  for (const int distance : kSteps) {
    NormChoice choice{cat("norm ", distance < 0 ? -distance : distance + 1,
                          distance < 0 ? " before the FFN" : " after the FFN's first matrix"),
                      {}};
    for (size_t i = 0; i < layers.size(); ++i) {
      const ptrdiff_t at =
          is_apart ? static_cast<ptrdiff_t>(i) * step + distance + 1 : after(layers[i]) + distance;
      if (at < 0 || at >= static_cast<ptrdiff_t>(vectors.size())) continue;
      choice.by_layer[layers[i].layer] = {vectors[static_cast<size_t>(at)].second, 0};
    }
    if (2 * choice.by_layer.size() >= layers.size()) out.push_back(std::move(choice));
  }
  return out;
}

// How many words of the name speak for a norm before an FFN.
int named_norm(std::string_view tensor_name) {
  const std::string name = lower_case(tensor_name);
  const auto has = [&](std::string_view word) { return name.find(word) != std::string::npos; };
  if (has("bias")) return -2;
  int out = has("norm") || has("ln");
  const bool is_behind = has("post_feedforward") || has("post_ffw") || has("post_mlp");
  for (const std::string_view word : {"post_attention", "ffn", "mlp", "ff_", "feed", "ln_2", "ln2",
                                      "norm2", "norm_2", "final_layer_norm"}) {
    if (has(word) && !is_behind) ++out;
  }
  return out;
}

using Lengths = std::vector<std::vector<float>>;  // one standardised vector for each layer

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

// Lengths of the columns of some layers' gate and up matrices.
struct Sample {
  std::vector<LayerPlace> layers;
  Lengths columns;
};

// Of gate and up together: both read what the norm writes.
std::vector<float> columns_of(const Checkpoint& checkpoint, const LayerPlace& layer,
                              uint64_t width) {
  const uint64_t slice = layer.slice.value_or(0);
  auto out = profile_of(checkpoint, layer.up.view(slice), layer.up.units, width).coordinates;
  if (!layer.gate) return out;
  const auto gate = profile_of(checkpoint, layer.gate->view(slice), layer.gate->units, width);
  for (size_t c = 0; c < std::min(out.size(), gate.coordinates.size()); ++c) {
    out[c] += gate.coordinates[c];
  }
  return normalised(std::move(out));
}

// The first and last layers are odd, and lack some choices.
Sample sample_of(const Checkpoint& checkpoint, const std::vector<LayerPlace>& layers,
                 uint64_t width) {
  const size_t margin = layers.size() / 8, inner = layers.size() - 2 * margin;
  const size_t taken = std::min(inner, kLayersSampled);
  Sample out;
  for (size_t i = 0; i < taken; ++i) {
    out.layers.push_back(layers[margin + i * inner / taken]);
    out.columns.push_back(columns_of(checkpoint, out.layers.back(), width));
  }
  return out;
}

// How well the weights go with the lengths of the columns: over all, and in what differs
// from layer to layer. 0 to 2; 0: by chance.
double fit(const Checkpoint& checkpoint, const NormChoice& choice, const Sample& sample,
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
  const double share = static_cast<double>(norms.size()) / static_cast<double>(sample.layers.size());
  const double all = correlation_of(norms, columns);
  if (all < kAgreementMin) return 0;
  if (norms.size() < 3) return share * all;
  return share *
         (all + correlation_of(without_mean(std::move(norms)), without_mean(std::move(columns))));
}

// For each FFN the vector that goes with it best; none: too many, or some go with none.
std::optional<NormChoice> matched(const Checkpoint& checkpoint, const ShapeReading& shapes,
                                  const std::vector<LayerPlace>& layers) {
  if (layers.size() > kLayersMatched || shapes.vectors.size() > kVectorsMatched) return {};
  Lengths columns, norms;
  std::vector<VectorPlace> places;
  for (const LayerPlace& layer : layers) {
    columns.push_back(columns_of(checkpoint, layer, shapes.width));
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
    double best = kMatchMin;
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

}  // namespace

std::vector<float> read_vector(const Checkpoint& checkpoint, const VectorPlace& place,
                               uint64_t width) {
  const Tensor& tensor = checkpoint.tensors()[place.tensor];
  if (!has_float_value(tensor.dtype)) return {};
  const uint64_t size = width * bits(tensor.dtype) / 8;
  Bytes stored(size);
  if (!checkpoint.read(tensor, place.row * size, stored)) return {};
  std::vector<float> out(width);
  widen(tensor.dtype, stored, out);
  const bool is_finite =
      std::all_of(out.begin(), out.end(), [](float value) { return std::isfinite(value); });
  return is_finite ? out : std::vector<float>();
}

std::vector<NormChoice> rank_norms(const Checkpoint& checkpoint, const ShapeReading& shapes,
                                   const std::vector<size_t>& rank,
                                   const std::vector<LayerPlace>& layers) {
  const std::vector<Tensor>& tensors = checkpoint.tensors();
  std::vector<NormChoice> found = by_row(tensors, shapes, layers);
  if (found.empty()) found = by_name(tensors, shapes, layers);
  if (found.empty()) {
    found = by_order(shapes, rank, layers);
    if (auto choice = matched(checkpoint, shapes, layers)) found.push_back(*std::move(choice));
  }
  if (found.size() > kChoicesMax) found.resize(kChoicesMax);
  const Sample sample = sample_of(checkpoint, layers, shapes.width);
  std::vector<std::pair<double, size_t>> keys;  // smaller is better
  for (size_t i = 0; i < found.size(); ++i) {
    double agreement = fit(checkpoint, found[i], sample, shapes.width);
    if (found[i].is_matched) agreement *= kMatchFactor;
    const double steps = std::floor(agreement / kAgreementStep);
    const size_t first = found[i].by_layer.begin()->second.tensor;
    keys.emplace_back(-100 * steps - named_norm(tensors[first].name), i);
  }
  std::sort(keys.begin(), keys.end());
  std::vector<NormChoice> out;
  for (const auto& [key, i] : keys) out.push_back(std::move(found[i]));
  return out;
}

}  // namespace wmk::checkpoint
