#include "checkpoint/shapes/slots.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>

#include "base/text.h"
#include "checkpoint/layout/layout.h"
#include "checkpoint/shapes/name_words.h"

namespace wmk::checkpoint {

namespace {

constexpr size_t kWidths = 2;
constexpr size_t kEmbeddings = 3;
// Two matrices of one shape beside the FFN may be embedding and head.
constexpr size_t kEmbeddingCopies = 3;

// None: a size is zero, or the product is above 2^63.
std::optional<uint64_t> product(const std::vector<uint64_t>& shape) {
  uint64_t out = 1;
  for (const uint64_t extent : shape) {
    if (extent == 0 || out > (uint64_t{1} << 63) / extent) return std::nullopt;
    out *= extent;
  }
  return out;
}

bool holds_weights(const Tensor& tensor) {
  return (is_weight_type(tensor.dtype) || tensor.dtype == DType::f64) && product(tensor.shape);
}

// [slices, a, b] with the axes of units and coordinates.
Slot make_slot(size_t tensor, uint64_t slices, uint64_t a, uint64_t b, bool rows) {
  Slot out{.tensor = tensor, .slices = slices, .units = rows ? a : b, .slice_stride = a * b};
  out.unit_stride = rows ? b : 1;
  out.coordinate_stride = rows ? 1 : b;
  return out;
}

std::optional<Slot> slot_of(const Tensor& tensor, size_t index, uint64_t width) {
  const auto& shape = tensor.shape;
  if (shape.size() < 2 || shape.size() > 4) return std::nullopt;
  const uint64_t a = shape[shape.size() - 2], b = shape[shape.size() - 1];
  const uint64_t slices = *product(shape) / a / b;
  if (b == width) return make_slot(index, slices, a, b, true);
  if (a == width) return make_slot(index, slices, a, b, false);
  // Stacked along the second axis: [d, slices, units].
  if (shape.size() != 3 || shape[0] != width || tensor.encoding) return std::nullopt;
  return Slot{index, a, b, b, 1, a * b};
}

// How likely a tensor [V, d] is the embedding: smaller is better.
auto embedding_rank(const Tensor& tensor, const Config& config, size_t index) {
  const std::vector<std::string> words = name_words(tensor.name);
  const bool is_head = has_word(words, {"head", "output", "lm"});
  const bool is_named = has_word(words, {"embed", "embedding", "embeddings", "wte", "tok", "token",
                                         "embd", "word", "words", "vocab"});
  const bool has_rows = config.vocabulary && *config.vocabulary == tensor.shape[0];
  return std::tuple(!has_rows, is_head && !is_named, !is_named, ~tensor.shape[0], index);
}

}  // namespace

std::vector<uint64_t> likely_widths(const std::vector<Tensor>& tensors) {
  std::unordered_map<uint64_t, double> weights;
  for (const Tensor& tensor : tensors) {
    if (tensor.shape.size() < 2 || !holds_weights(tensor)) continue;
    const uint64_t a = tensor.shape[tensor.shape.size() - 2], b = tensor.shape.back();
    const auto count = static_cast<double>(tensor.elements());
    weights[a] += count;
    if (b != a) weights[b] += count;
  }
  std::vector<std::pair<double, uint64_t>> ranked;
  for (const auto& [value, count] : weights) {
    if (value > 1 && value <= kWidthMax) ranked.emplace_back(-count, value);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<uint64_t> out;
  for (size_t i = 0; i < std::min(kWidths, ranked.size()); ++i) out.push_back(ranked[i].second);
  return out;
}

ShapeReading read_shapes(const std::vector<Tensor>& tensors, const Config& config,
                         uint64_t width) {
  ShapeReading out{.width = width};
  std::map<std::vector<uint64_t>, size_t> copies;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!holds_weights(tensors[i])) continue;
    const auto& shape = tensors[i].shape;
    if (shape.size() == 1 && shape[0] == width) out.vectors.push_back({i, 1});
    if (shape.size() == 2 && shape[1] == width) {
      ++copies[shape];
      if (shape[0] < width) out.vectors.push_back({i, shape[0]});
    }
    if (const auto slot = slot_of(tensors[i], i, width)) out.slots.push_back(*slot);
  }
  for (const Slot& slot : out.slots) {
    const auto known = copies.find(tensors[slot.tensor].shape);
    if (slot.slices == 1 && known != copies.end() && known->second <= kEmbeddingCopies) {
      out.embeddings.push_back(slot.tensor);
    }
  }
  std::sort(out.embeddings.begin(), out.embeddings.end(), [&](size_t a, size_t b) {
    return embedding_rank(tensors[a], config, a) < embedding_rank(tensors[b], config, b);
  });
  if (out.embeddings.size() > kEmbeddings) out.embeddings.resize(kEmbeddings);
  return out;
}

}  // namespace wmk::checkpoint
