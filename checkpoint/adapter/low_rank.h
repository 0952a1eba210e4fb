// A matrix with a low-rank update: W + s B A; with magnitudes m (DoRA) its rows are scaled to the
// lengths m. Without W it is the product itself, B diag(d) A.
//
// Purpose: merges an adapter and its base, or the factors of a matrix, while values are read;
// nothing is written. Lifetime: owns copies of the Tensors, refers to files by index.
// Thread-safety: decode() may run in parallel; the lengths of the rows are computed once, on first
// use.
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

// For a base [out, in] (or [in, out] if transposed): A [r, in] (stored [in, r] if turned), B
// [out, r], magnitudes [out], diagonal [r]. All have values that read_rectangle() reads.
struct LowRankUpdate {
  Tensor a, b;
  bool is_a_turned = false;  // not with transposed
  std::optional<Tensor> magnitudes = std::nullopt;
  std::optional<Tensor> diagonal = std::nullopt;
  float scale = 1;
  bool transposed = false;
};

class LowRankEncoding final : public Encoding {
 public:
  // Magnitudes need a base.
  LowRankEncoding(std::optional<Tensor> base, LowRankUpdate update);

  std::string_view name() const override {
    return !base_ ? "product of two" : update_.magnitudes ? "DoRA" : "LoRA";
  }
  uint64_t stored_bytes() const override;
  Status decode(std::span<const ReadFile> files, const Rectangle& part,
                std::span<float> out) const override;

 private:
  Status read_left(std::span<const ReadFile> files, const Rectangle& part,
                   std::vector<float>& left) const;
  Status read_right(std::span<const ReadFile> files, const Rectangle& part,
                    std::vector<float>& right) const;
  Status decode_sum(std::span<const ReadFile> files, const Rectangle& part,
                    std::span<float> out) const;
  Status measure(std::span<const ReadFile> files) const;

  std::optional<Tensor> base_;
  LowRankUpdate update_;
  uint64_t rank_;
  mutable std::mutex mutex_;
  mutable std::vector<float> factors_;  // m / length, by output; empty: not computed yet
};

}  // namespace wmk::checkpoint
