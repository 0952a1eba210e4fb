#include "checkpoint/shapes/shape_attention.h"

#include <algorithm>
#include <map>
#include <optional>

#include "checkpoint/numbers/widen.h"

namespace wmk::checkpoint {

namespace {

using Part = AttentionPart;

// One matrix of the residual width, with so many vectors.
struct Matrix {
  size_t tensor = 0;
  uint64_t vectors = 0;
  bool is_square = false, width_first = false;
};

class AttentionShapes {
 public:
  AttentionShapes(const Checkpoint& checkpoint, const std::vector<size_t>& rank, Anatomy& anatomy)
      : tensors_(checkpoint.tensors()), rank_(rank), anatomy_(anatomy) {}

  void add() {
    std::map<size_t, std::vector<Matrix>> blocks;
    const std::vector<size_t> ffns = ffn_places();
    std::vector<size_t> order(tensors_.size());
    for (size_t i = 0; i < order.size(); ++i) order[rank_[i]] = i;
    for (const size_t tensor : order) {
      const auto matrix = matrix_of(tensor);
      if (!matrix) continue;
      const auto at = std::upper_bound(ffns.begin(), ffns.end(), rank_[tensor]);
      blocks[static_cast<size_t>(at - ffns.begin())].push_back(*matrix);
    }
    for (const auto& [number, matrices] : blocks) {
      if (matrices.size() == 4) add_four(number, matrices);
      if (matrices.size() == 2) add_fused(number, matrices);
    }
  }

 private:
  // The first place of each layer's FFNs.
  std::vector<size_t> ffn_places() const {
    std::map<uint64_t, size_t> first;
    for (const UnitGroup& group : anatomy_.groups) {
      size_t at = std::min(rank_[group.up.tensor], rank_[group.down.tensor]);
      if (group.gate) at = std::min(at, rank_[group.gate->tensor]);
      const auto [known, is_new] = first.emplace(group.layer, at);
      if (!is_new) known->second = std::min(known->second, at);
    }
    std::vector<size_t> out;
    for (const auto& [layer, at] : first) out.push_back(at);
    std::sort(out.begin(), out.end());
    return out;
  }

  std::optional<Matrix> matrix_of(size_t tensor) const {
    const Tensor& each = tensors_[tensor];
    if (anatomy_.roles[tensor] || each.shape.size() != 2) return std::nullopt;
    if (!each.encoding && !has_float_value(each.dtype)) return std::nullopt;
    const uint64_t front = each.shape[0], back = each.shape[1], width = anatomy_.width;
    if (front != width && back != width) return std::nullopt;
    const Matrix out{tensor, front == width ? back : front, front == back, front == width};
    // The head, or what routes to experts.
    if (out.vectors == anatomy_.vocabulary || out.vectors < 2 || out.vectors % 2 != 0) {
      return std::nullopt;
    }
    return out;
  }

  // Names in alphabetical order have down in front of up, and outputs in front of queries.
  bool is_alphabetical() const {
    const UnitGroup& group = anatomy_.groups[0];
    return rank_[group.down.tensor] < rank_[group.up.tensor];
  }

  void put(size_t number, const Matrix& matrix, Part part, bool transposed) {
    AttentionTensor tensor;
    tensor.tensor = matrix.tensor;
    tensor.part = part;
    tensor.layer = number;
    tensor.transposed = transposed;
    anatomy_.attention.push_back(tensor);
  }

  // The nearest vector in front that no FFN reads.
  void put_norm(size_t number, const std::vector<Matrix>& matrices) {
    size_t first = rank_[matrices[0].tensor];
    for (const Matrix& each : matrices) first = std::min(first, rank_[each.tensor]);
    std::optional<size_t> norm;
    for (size_t i = 0; i < tensors_.size(); ++i) {
      const auto& shape = tensors_[i].shape;
      if (anatomy_.roles[i] || shape.size() != 1 || shape[0] != anatomy_.width) continue;
      if (rank_[i] < first && (!norm || rank_[i] > rank_[*norm])) norm = i;
    }
    if (!norm) return;
    AttentionTensor tensor;
    tensor.tensor = *norm;
    tensor.part = Part::norm;
    tensor.layer = number;
    anatomy_.attention.push_back(tensor);
  }

  void add_four(size_t number, const std::vector<Matrix>& all) {
    const auto [least, most] =
        std::minmax_element(all.begin(), all.end(),
                            [](const Matrix& a, const Matrix& b) { return a.vectors < b.vectors; });
    const bool grouped = least->vectors < most->vectors;
    std::vector<Matrix> small, large;
    for (const Matrix& each : all) {
      (grouped && each.vectors == least->vectors ? small : large).push_back(each);
    }
    if (grouped && (small.size() != 2 || large.size() != 2)) return;
    // Outputs are the other way around than the rest, which squares do not show.
    const Matrix& plain = grouped ? small[0] : large[0];
    const auto is_output = [&](const Matrix& each) {
      return !each.is_square && each.width_first != plain.width_first;
    };
    const auto shown = std::find_if(large.begin(), large.end(), is_output);
    size_t out = is_alphabetical() ? (grouped ? 0 : 1) : large.size() - 1;
    if (shown != large.end()) out = static_cast<size_t>(shown - large.begin());
    const bool transposed = !plain.is_square && plain.width_first;
    put(number, large[out], Part::out, transposed);
    large.erase(large.begin() + static_cast<std::ptrdiff_t>(out));
    small.insert(small.end(), large.begin(), large.end());
    // Keys and values, then queries; or three in the order of reading.
    const std::vector<Part> parts = grouped ? std::vector{Part::key, Part::value, Part::query}
                                    : is_alphabetical()
                                        ? std::vector{Part::key, Part::query, Part::value}
                                        : std::vector{Part::query, Part::key, Part::value};
    for (size_t i = 0; i < parts.size(); ++i) put(number, small[i], parts[i], transposed);
    put_norm(number, all);
  }

  void add_fused(size_t number, const std::vector<Matrix>& both) {
    const bool second = both[1].vectors > both[0].vectors;
    const Matrix &fused = both[second ? 1 : 0], &out = both[second ? 0 : 1];
    if (fused.vectors <= out.vectors) return;
    put(number, fused, Part::qkv, fused.width_first);
    put(number, out, Part::out, out.is_square ? fused.width_first : !out.width_first);
    put_norm(number, both);
  }

  const std::vector<Tensor>& tensors_;
  const std::vector<size_t>& rank_;
  Anatomy& anatomy_;
};

}  // namespace

void add_attention(const Checkpoint& checkpoint, const std::vector<size_t>& rank,
                   Anatomy& anatomy) {
  AttentionShapes(checkpoint, rank, anatomy).add();
}

}  // namespace wmk::checkpoint
