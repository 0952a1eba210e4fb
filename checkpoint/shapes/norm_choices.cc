#include "checkpoint/shapes/norm_choices.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "checkpoint/numbers/widen.h"
#include "checkpoint/shapes/norm_fit.h"

namespace wmk::checkpoint {

namespace {

constexpr size_t kNameNumbers = 3;
constexpr size_t kChoicesMax = 16;
constexpr double kNormStep = 0.01;
// Places beside an FFN, in the order in which they are tried: the vector before it, the one
// after its first matrix, ...
constexpr std::array<int, 8> kSteps = {-1, 0, 1, -2, 2, -3, 3, 4};

bool is_decimal(char c) { return c >= '0' && c <= '9'; }

// The name with its run of digits number `place` replaced, and that number.
std::optional<std::pair<std::string, uint64_t>> split_name(std::string_view name, size_t place) {
  for (size_t at = 0; at < name.size();) {
    if (!is_decimal(name[at])) {
      ++at;
      continue;
    }
    size_t end = at;
    while (end < name.size() && is_decimal(name[end])) ++end;
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
  for (size_t place = 0; place < kNameNumbers && out.empty(); ++place) {
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

// Positions and tensors of vectors [d], in the order of tensors.
std::vector<std::pair<size_t, size_t>> ordered_vectors(const ShapeReading& shapes,
                                                       const std::vector<size_t>& rank) {
  std::vector<std::pair<size_t, size_t>> out;
  for (const VectorSlot& vector : shapes.vectors) {
    if (vector.slices == 1) out.emplace_back(rank[vector.tensor], vector.tensor);
  }
  std::sort(out.begin(), out.end());
  return out;
}

// The vector of layer number i is that at `place(i)`; negative or too large: it has none.
template <class Place>
void add_ordered(std::string words, const std::vector<std::pair<size_t, size_t>>& vectors,
                 const std::vector<LayerPlace>& layers, const Place& place,
                 std::vector<NormChoice>& out) {
  NormChoice choice{std::move(words)};
  for (size_t i = 0; i < layers.size(); ++i) {
    const ptrdiff_t at = place(i);
    if (at < 0 || at >= static_cast<ptrdiff_t>(vectors.size())) continue;
    choice.by_layer[layers[i].layer] = {vectors[static_cast<size_t>(at)].second, 0};
  }
  if (2 * choice.by_layer.size() >= layers.size()) out.push_back(std::move(choice));
}

// Vectors at one distance from each FFN, in the order of tensors; where no vectors lie between
// FFNs, as many for each of them.
std::vector<NormChoice> by_order(const ShapeReading& shapes, const std::vector<size_t>& rank,
                                 const std::vector<LayerPlace>& layers) {
  const auto vectors = ordered_vectors(shapes, rank);
  if (vectors.empty() || layers.empty()) return {};
  const auto after = [&](const LayerPlace& layer) {
    return std::lower_bound(vectors.begin(), vectors.end(), std::pair(layer.position, size_t{0})) -
           vectors.begin();
  };
  std::vector<NormChoice> out;
  if (layers.size() == 1 || after(layers.front()) != after(layers.back())) {
    for (const int distance : kSteps) {
      const std::string words =
          cat("norm ", distance < 0 ? -distance : distance + 1, distance < 0 ? " before" : " after",
              " the FFN", distance < 0 ? "" : "'s first matrix");
      add_ordered(
          words, vectors, layers, [&](size_t i) { return after(layers[i]) + distance; }, out);
    }
    return out;
  }
  const auto count = static_cast<ptrdiff_t>(layers.size());
  const ptrdiff_t each = static_cast<ptrdiff_t>(vectors.size()) / count;
  for (ptrdiff_t k = 0; k < std::min<ptrdiff_t>(each, kSteps.size()); ++k) {
    add_ordered(
        cat("norm ", k + 1, " of each layer"), vectors, layers,
        [&](size_t i) { return static_cast<ptrdiff_t>(i) * each + k; }, out);
    add_ordered(
        cat("norm ", k + 1, ", role by role"), vectors, layers,
        [&](size_t i) { return k * count + static_cast<ptrdiff_t>(i); }, out);
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

std::vector<NormChoice> rank_norms(const Checkpoint& checkpoint, ColumnLengths& lengths,
                                   const ShapeReading& shapes, const std::vector<size_t>& rank,
                                   const std::vector<LayerPlace>& layers) {
  const std::vector<Tensor>& tensors = checkpoint.tensors();
  std::vector<NormChoice> found = by_row(tensors, shapes, layers);
  if (found.empty()) found = by_name(tensors, shapes, layers);
  if (found.empty()) {
    found = by_order(shapes, rank, layers);
    if (auto choice = match_norms(checkpoint, lengths, shapes, layers))
      found.push_back(*std::move(choice));
  }
  if (found.size() > kChoicesMax) found.resize(kChoicesMax);
  const NormSample sample = sample_of(lengths, layers, shapes.width);
  std::vector<std::pair<double, size_t>> keys;  // smaller is better
  for (size_t i = 0; i < found.size(); ++i) {
    const double agreement = fit_of(checkpoint, found[i], sample, shapes.width);
    const double steps = std::floor(agreement / kNormStep);
    const size_t first = found[i].by_layer.begin()->second.tensor;
    keys.emplace_back(-100 * steps - named_norm(tensors[first].name), i);
  }
  std::sort(keys.begin(), keys.end());
  std::vector<NormChoice> out;
  for (const auto& [key, i] : keys) out.push_back(std::move(found[i]));
  return out;
}

}  // namespace wmk::checkpoint
