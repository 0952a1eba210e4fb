// A square matrix that rotates the inputs or outputs of a module (specs/quantised.md 13).
//
// Purpose: matrices of Hadamard type have entries of one size, and are products of a small matrix
// and a matrix of Sylvester; then a multiplication takes n log n steps. Others are multiplied as
// they are. Lifetime: shared by the tensors that it was applied to; refers to files by index.
// Thread-safety: load() and multiply() may run in parallel.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

inline constexpr uint64_t kTransformSizeMax = 16'384;

struct TransformMatrixSource {
  std::optional<Tensor> stored;       // [size, size]; none: the matrix of Sylvester
  std::optional<Tensor> permutation;  // I64 [size]: row and column i are those of its entry i
  uint64_t size = 0;
  bool unit_rows = true;  // scaled so that its rows have length 1
};

class TransformMatrix {
 public:
  explicit TransformMatrix(TransformMatrixSource source) : source_(std::move(source)) {}

  uint64_t size() const { return source_.size; }
  // Reads the matrix once. To be called before multiply().
  Status load(std::span<const ReadFile> files) const;
  // Replaces the columns of `values`, size() x `count` row-major, by M times them, or M^T times.
  void multiply(std::span<float> values, size_t count, bool transposed) const;

 private:
  Status read(std::span<const ReadFile> files);
  Status read_permutation(std::span<const ReadFile> files);
  bool read_signs(std::span<const float> matrix);
  void find_factors(const std::vector<int8_t>& signs);
  void multiply_by_sylvester(std::span<float> values, size_t count) const;
  void multiply_by_core(std::span<float> values, size_t count, bool transposed) const;

  TransformMatrixSource source_;
  mutable std::once_flag once_;
  mutable Status status_;
  // M = scale R (S x A) C or scale R (A x S) C, with R and C signs on the diagonal, S of Sylvester
  // and A the core; x is the product of Kronecker.
  float scale_ = 1;
  std::vector<float> row_signs_, column_signs_;  // empty: all 1
  std::vector<float> core_;                      // core_size_ x core_size_
  uint64_t core_size_ = 1, sylvester_size_ = 1;
  bool sylvester_is_outer_ = true;
  std::vector<uint32_t> permutation_;
};

}  // namespace wmk::checkpoint
