// The tensors with a common prefix that together make one quantised tensor.
//
// Purpose: the reader of a format gets its sidecar tensors from here by suffix, checks them and
// returns the logical tensor. Lifetime: a QuantisedGroup refers to the directory and the files.
// Thread-safety: one caller.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "checkpoint/contents.h"
#include "checkpoint/matrices/number_matrix.h"
#include "checkpoint/quantised/quantisation_config.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

// The largest sidecar that is read as a whole when the checkpoint is opened.
inline constexpr uint64_t kSidecarBytesMax = 64 << 10;

class QuantisedGroup {
 public:
  using Names = std::unordered_map<std::string_view, size_t>;
  using Attributes = std::unordered_map<std::string, StoredAttribute>;
  QuantisedGroup(const std::vector<Tensor>& tensors, const Names& names,
                 std::span<const ReadFile> files, const QuantisationConfig& config,
                 const Attributes& attributes, std::string prefix)
      : tensors_(tensors),
        names_(names),
        files_(files),
        config_(config),
        attributes_(attributes),
        prefix_(std::move(prefix)) {}

  const std::string& prefix() const { return prefix_; }
  const QuantisationConfig& config() const { return config_; }
  // The tensor with that suffix; it becomes part of the group.
  const Tensor* find(std::string_view suffix);
  bool has(std::string_view suffix) const { return names_.contains(prefix_ + std::string(suffix)); }
  Result<const Tensor*> need(std::string_view suffix);
  // All tensors whose suffix begins like this become part of the group.
  void also(std::string_view suffix) { find(suffix); }
  Result<Bytes> bytes_of(const Tensor& tensor) const;
  // The value of that name beside the tensors, or null.
  const StoredAttribute* attribute(std::string_view suffix) const;
  // All tensors of the checkpoint, to take the width of the model from.
  const std::vector<Tensor>& all() const { return tensors_; }

  // Indices of the parts, in the order of the requests; the logical tensor takes the place of the
  // first.
  const std::vector<size_t>& parts() const { return parts_; }

  template <class... What>
  Error malformed(const What&... what) const {
    return Error(ErrorCode::malformed, cat("'", escaped(prefix_), "': ", what...));
  }
  template <class... What>
  Error unsupported(const What&... what) const {
    return Error(ErrorCode::unsupported, cat("'", escaped(prefix_), "': ", what...))
        .with_hint("load it with its own library and save it dequantised");
  }
  // `tensor` has another shape or type than the format requires.
  Error unsuitable(const Tensor& tensor, std::string_view wanted) const;

 private:
  const std::vector<Tensor>& tensors_;
  const Names& names_;
  std::span<const ReadFile> files_;
  const QuantisationConfig& config_;
  const Attributes& attributes_;
  std::string prefix_;
  std::vector<size_t> parts_;
};

// The result of reading a group.
struct LogicalTensor {
  std::string name;
  std::vector<uint64_t> shape;
  std::string format;  // "GPTQ 4 bit, group 128"
  Numbers values;      // rows are all extents but the last
};

// None: the group is not of this format, and its tensors stay in the directory.
using Maker = Result<std::optional<LogicalTensor>> (*)(QuantisedGroup&);

// Integer division, rounded up.
constexpr uint64_t ceil_div(uint64_t a, uint64_t b) { return a / b + (a % b != 0); }

inline bool is_matrix(const Tensor& tensor) {
  return tensor.shape.size() == 2 && tensor.shape[0] > 0 && tensor.shape[1] > 0;
}
bool has_type(const Tensor& tensor, std::initializer_list<DType> types);
// Plain floats of every kind, F8_E8M0 included.
bool is_float(const Tensor& tensor);

Result<std::optional<LogicalTensor>> make_gptq_or_awq(QuantisedGroup& group);
Result<std::optional<LogicalTensor>> make_compressed_packed(QuantisedGroup& group);
Result<std::optional<LogicalTensor>> make_modelopt(QuantisedGroup& group);
Result<std::optional<LogicalTensor>> make_eetq(QuantisedGroup& group);
Result<std::optional<LogicalTensor>> make_sparse(QuantisedGroup& group);
Result<std::optional<LogicalTensor>> make_mxfp4_experts(QuantisedGroup& group);
Result<std::optional<LogicalTensor>> make_bitsandbytes_4bit(QuantisedGroup& group);
Result<std::optional<LogicalTensor>> make_bitsandbytes_int8(QuantisedGroup& group);
Result<std::optional<LogicalTensor>> make_block_scaled(QuantisedGroup& group);
Result<std::optional<LogicalTensor>> make_scaled(QuantisedGroup& group);
Result<std::optional<LogicalTensor>> make_hqq(QuantisedGroup& group);
Result<std::optional<LogicalTensor>> make_mlx(QuantisedGroup& group);
Result<std::optional<LogicalTensor>> make_torchao(QuantisedGroup& group);
Result<std::optional<LogicalTensor>> make_quanto_bytes(QuantisedGroup& group);
Result<std::optional<LogicalTensor>> make_quanto_bits(QuantisedGroup& group);

}  // namespace wmk::checkpoint
