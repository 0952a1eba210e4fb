#include "embed/output/output_head.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "checkpoint/numbers/widen.h"
#include "embed/output/output_signs.h"
#include "embed/scheme/embedding_sums.h"

namespace wmk::embed {

namespace {

using checkpoint::Anatomy;
using checkpoint::Checkpoint;
using checkpoint::Tensor;

constexpr uint64_t kCompareBytes = 4ull << 20;

// Tensors that the naming rules call a head and that are not duplicates of others.
std::vector<size_t> head_tensors(const Anatomy& anatomy) {
  std::vector<size_t> out;
  for (size_t i = 0; i < anatomy.roles.size(); ++i) {
    if (anatomy.roles[i] != checkpoint::Role::head) continue;
    const auto& hidden = anatomy.duplicates;
    if (!std::binary_search(hidden.begin(), hidden.end(), i)) out.push_back(i);
  }
  return out;
}

bool is_head(const Tensor& tensor, const Anatomy& anatomy) {
  return tensor.shape.size() == 2 && tensor.shape[1] == anatomy.width && tensor.shape[0] > 0;
}

Result<bool> equal_bytes(const Checkpoint& checkpoint, const Tensor& a, const Tensor& b) {
  if (a.encoding || b.encoding || a.dtype != b.dtype || a.shape != b.shape) return false;
  if (a.file == b.file && a.offset == b.offset) return true;
  Bytes left, right;
  for (uint64_t at = 0; at < a.bytes; at += kCompareBytes) {
    const uint64_t count = std::min(kCompareBytes, a.bytes - at);
    left.resize(count);
    right.resize(count);
    Status status = checkpoint.read(a, at, left);
    if (status) status = checkpoint.read(b, at, right);
    if (!status) return std::move(status).error();
    if (left != right) return false;
  }
  return true;
}

OutputHead without_head(std::string reason) {
  OutputHead out;
  out.missing = std::move(reason);
  return out;
}

// What is stored as a head.
struct StoredHeads {
  std::optional<size_t> tensor;
  std::string unreadable;  // why none can be read, although there are some; else empty
};

StoredHeads stored_heads(const Checkpoint& checkpoint, const Anatomy& anatomy) {
  const auto& tensors = checkpoint.tensors();
  StoredHeads out;
  for (const size_t i : head_tensors(anatomy)) {
    const Tensor& tensor = tensors[i];
    const std::string name = escaped(tensor.name);
    if (tensor.shape.size() < 2) continue;  // a bias
    if (!is_head(tensor, anatomy)) {
      if (out.tensor) continue;
      out.unreadable = cat("tensor '", name, "' has shape ", checkpoint::shape_text(tensor.shape),
                           ", not [tokens, ", anatomy.width, "]");
    } else if (out.tensor) {
      out.unreadable = cat("several tensors could be the output head, such as '",
                           escaped(tensors[*out.tensor].name), "' and '", name, "'");
      return out;
    } else {
      out.tensor = i;
      out.unreadable.clear();
      if (!tensor.encoding && !checkpoint::has_float_value(tensor.dtype)) {
        out.unreadable = cat("tensor '", name, "' holds ", to_string(tensor.dtype));
      }
    }
  }
  return out;
}

}  // namespace

Result<std::vector<OutputHead>> find_output_heads(const Checkpoint& checkpoint,
                                                  const Anatomy& anatomy) {
  const auto& tensors = checkpoint.tensors();
  const StoredHeads stored = stored_heads(checkpoint, anatomy);
  const Tensor& embedding = tensors[anatomy.token_embedding];
  const OutputHead tied{anatomy.token_embedding, anatomy.vocabulary, true, {}, {}};
  const auto config = checkpoint::read_config(checkpoint);
  const bool is_declared = config && config->tied_embeddings.value_or(false);
  const bool can_be_tied = is_head(embedding, anatomy);
  using Heads = std::vector<OutputHead>;
  if (!stored.unreadable.empty()) {
    return Heads{is_declared && can_be_tied ? tied : without_head(stored.unreadable)};
  }
  if (!stored.tensor && can_be_tied) return Heads{tied};
  if (!stored.tensor) {
    return Heads{
        without_head(cat("the embedding '", escaped(embedding.name), "' cannot be the head"))};
  }
  const Tensor& head = tensors[*stored.tensor];
  auto equal = equal_bytes(checkpoint, head, embedding);
  if (!equal) return std::move(equal).error();
  if (*equal) {
    OutputHead both = tied;
    both.copy = stored.tensor;
    return Heads{both};
  }
  Heads out = {{*stored.tensor, head.shape[0], false, {}, {}}};
  if (is_declared && can_be_tied) out.push_back(tied);
  return out;
}

Result<OutputHead> find_output_head(const Checkpoint& checkpoint, const Anatomy& anatomy) {
  auto heads = find_output_heads(checkpoint, anatomy);
  if (!heads) return std::move(heads).error();
  return std::move(heads->front());
}

std::string output_not_markable(const Checkpoint& checkpoint, const Anatomy& anatomy,
                                const OutputHead& head, unsigned shares) {
  if (!head.missing.empty()) return head.missing;
  const Tensor& tensor = checkpoint.tensors()[head.tensor];
  if (tensor.encoding) {
    return cat("tensor '", escaped(tensor.name), "' holds ", tensor.encoding->name());
  }
  if (!checkpoint::is_weight_type(tensor.dtype)) {
    return cat("tensor '", escaped(tensor.name), "' holds ", to_string(tensor.dtype));
  }
  if (head.rows > kVocabularyMax) return cat("it has more than ", kVocabularyMax, " rows");
  const double z = output_expected_z(head.rows, anatomy.width,
                                     output_pairs(head.rows, anatomy.width, shares), shares);
  if (z >= kOutputExpectedMin) return {};
  return cat("a head of ", head.rows, " x ", anatomy.width, " would show z = ", fixed(z, 1),
             ", below ", fixed(kOutputExpectedMin, 0));
}

}  // namespace wmk::embed
