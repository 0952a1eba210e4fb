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

}  // namespace

Result<OutputHead> find_output_head(const Checkpoint& checkpoint, const Anatomy& anatomy) {
  const auto& tensors = checkpoint.tensors();
  const Tensor& embedding = tensors[anatomy.token_embedding];
  const OutputHead tied{anatomy.token_embedding, anatomy.vocabulary, true, {}, {}};
  std::vector<size_t> heads;
  std::string other_shape;
  for (const size_t i : head_tensors(anatomy)) {
    // A bias has one dimension.
    if (is_head(tensors[i], anatomy)) {
      heads.push_back(i);
    } else if (tensors[i].shape.size() > 1) {
      other_shape =
          cat("tensor '", escaped(tensors[i].name), "' has shape ",
              checkpoint::shape_text(tensors[i].shape), ", not [tokens, ", anatomy.width, "]");
    }
  }
  if (heads.size() > 1) {
    return without_head(cat(heads.size(), " tensors could be the output head, such as '",
                            escaped(tensors[heads[0]].name), "' and '",
                            escaped(tensors[heads[1]].name), "'"));
  }
  if (heads.empty() && !other_shape.empty()) return without_head(std::move(other_shape));
  if (heads.empty() && !is_head(embedding, anatomy)) {
    return without_head(cat("the embedding '", escaped(embedding.name), "' cannot be the head"));
  }
  if (heads.empty()) return tied;
  const Tensor& head = tensors[heads[0]];
  auto equal = equal_bytes(checkpoint, head, embedding);
  if (!equal) return std::move(equal).error();
  if (*equal) {
    OutputHead both = tied;
    both.copy = heads[0];
    return both;
  }
  const auto config = checkpoint::read_config(checkpoint);
  if (config && config->tied_embeddings.value_or(false)) return tied;
  return OutputHead{heads[0], head.shape[0], false, {}, {}};
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
