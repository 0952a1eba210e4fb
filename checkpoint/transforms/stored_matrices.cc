#include "checkpoint/transforms/stored_matrices.h"

#include <bit>
#include <utility>

#include "base/text.h"
#include "checkpoint/matrices/number_matrix.h"

namespace wmk::checkpoint {
namespace {

constexpr std::string_view kWeight = ".weight";

}  // namespace

StoredMatrices::StoredMatrices(const std::vector<Tensor>& tensors,
                               const std::vector<TransformScheme>& schemes)
    : tensors_(tensors) {
  for (const TransformScheme& scheme : schemes) find_all(scheme);
}

StoredMatrices::Key StoredMatrices::key_of(const TransformScheme& scheme, uint64_t size,
                                           bool inverse) {
  return {scheme.name, size, inverse && scheme.type == kRandomMatrix};
}

// The matrices in the file: "MODULE.SCHEME_input.weight" of the first module of each size.
void StoredMatrices::find_all(const TransformScheme& scheme) {
  for (const Tensor& tensor : tensors_) {
    for (const char* location : {"_input", "_output", "_q_attn", "_k_cache"}) {
      const std::string part = cat(".", scheme.name, location);
      const std::string suffix = cat(part, kWeight), permutation = cat(part, ".perm");
      if (tensor.name.ends_with(permutation)) names_.insert(tensor.name);
      if (!tensor.name.ends_with(suffix)) continue;
      names_.insert(tensor.name);
      const std::string module = tensor.name.substr(0, tensor.name.size() - suffix.size());
      add(scheme, tensor, module, part == cat(".", scheme.name, "_input"));
    }
  }
}

void StoredMatrices::add(const TransformScheme& scheme, const Tensor& tensor,
                         const std::string& module, bool on_input) {
  if (tensor.shape.size() != 2 || tensor.shape[0] != tensor.shape[1] || tensor.encoding ||
      !has_number_value(tensor.dtype) || tensor.shape[0] == 0 ||
      tensor.shape[0] > kTransformSizeMax) {
    return;
  }
  bool inverse = false;
  for (const TransformUse& use : scheme.uses) {
    if (use.on_input == on_input && use.applies_to(module)) inverse = use.inverse;
  }
  const uint64_t size = tensor.shape[0];
  const auto matrix = make(scheme, tensor, size);
  by_name_.emplace(tensor.name, matrix);
  by_key_.emplace(key_of(scheme, size, inverse), matrix);
}

std::shared_ptr<const TransformMatrix> StoredMatrices::make(const TransformScheme& scheme,
                                                            std::optional<Tensor> stored,
                                                            uint64_t size) const {
  TransformMatrixSource source{std::move(stored), std::nullopt, size, scheme.type != kRandomMatrix};
  if (scheme.randomised) source.permutation = permutation_of(scheme, size);
  return std::make_shared<const TransformMatrix>(std::move(source));
}

std::optional<Tensor> StoredMatrices::permutation_of(const TransformScheme& scheme,
                                                     uint64_t size) const {
  const std::string sign = cat(".", scheme.name, "_");
  for (const Tensor& tensor : tensors_) {
    if (tensor.name.ends_with(".perm") && tensor.name.find(sign) != std::string::npos &&
        tensor.dtype == DType::i64 && tensor.shape == std::vector{size}) {
      return tensor;
    }
  }
  return std::nullopt;
}

// Null: there is none.
std::shared_ptr<const TransformMatrix> StoredMatrices::find(const TransformScheme& scheme,
                                                            const TransformUse& use,
                                                            const std::string& module,
                                                            uint64_t size) {
  const std::string name =
      cat(module, ".", scheme.name, use.on_input ? "_input" : "_output", kWeight);
  const auto own = by_name_.find(name);
  if (own != by_name_.end() && own->second->size() == size) return own->second;
  const Key key = key_of(scheme, size, use.inverse);
  const auto known = by_key_.find(key);
  if (known != by_key_.end()) return known->second;
  if (scheme.type != "hadamard" || !std::has_single_bit(size) || size > kTransformSizeMax) {
    return nullptr;
  }
  return by_key_.emplace(key, make(scheme, std::nullopt, size)).first->second;
}

}  // namespace wmk::checkpoint
