// The rotations that a checkpoint stores, by scheme and size.
//
// Purpose: modules share a matrix, which is stored once, under the name of the first one. Lifetime:
// refers to the tensors and the schemes. Thread-safety: one caller.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "checkpoint/tensor.h"
#include "checkpoint/transforms/transform_config.h"
#include "checkpoint/transforms/transform_matrix.h"

namespace wmk::checkpoint {

inline constexpr std::string_view kRandomMatrix = "random-matrix";

class StoredMatrices {
 public:
  StoredMatrices(const std::vector<Tensor>& tensors, const std::vector<TransformScheme>& schemes);

  // Whether that tensor is a matrix or permutation of a scheme.
  bool has(const std::string& tensor) const { return names_.contains(tensor); }
  // Null: there is none, and it is not known otherwise.
  std::shared_ptr<const TransformMatrix> find(const TransformScheme& scheme,
                                              const TransformUse& use, const std::string& module,
                                              uint64_t size);

 private:
  // Scheme, size, and whether it is an inverse, which random matrices are stored as.
  using Key = std::tuple<std::string, uint64_t, bool>;

  static Key key_of(const TransformScheme& scheme, uint64_t size, bool inverse);
  void find_all(const TransformScheme& scheme);
  void add(const TransformScheme& scheme, const Tensor& tensor, const std::string& module,
           bool on_input);
  std::shared_ptr<const TransformMatrix> make(const TransformScheme& scheme,
                                              std::optional<Tensor> stored, uint64_t size) const;
  std::optional<Tensor> permutation_of(const TransformScheme& scheme, uint64_t size) const;

  const std::vector<Tensor>& tensors_;
  std::set<std::string> names_;
  std::map<std::string, std::shared_ptr<const TransformMatrix>> by_name_;
  std::map<Key, std::shared_ptr<const TransformMatrix>> by_key_;
};

}  // namespace wmk::checkpoint
