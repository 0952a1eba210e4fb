// A matrix with a low-rank update laid over it: W + s B A, and with magnitudes m (DoRA) the rows of
// that brought to the lengths m.
//
// Purpose: merges an adapter into its base as values are asked for; nothing is written. Lifetime:
// owns the tensors' entries, refers to files by index. Thread-safety: decode() may run in parallel;
// the lengths of the rows are measured once, by whoever needs them first.
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

// Of base [out, in] (or [in, out] where transposed): A [r, in], B [out, r], magnitudes [out]; all
// of types that have a float value, A, B and the magnitudes plain.
struct LowRankUpdate {
  Tensor a, b;
  std::optional<Tensor> magnitudes;
  float scale = 1;
  bool transposed = false;
};

class LowRankEncoding final : public Encoding {
 public:
  LowRankEncoding(Tensor base, LowRankUpdate update);

  std::string_view name() const override { return update_.magnitudes ? "DoRA" : "LoRA"; }
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

  Tensor base_;
  LowRankUpdate update_;
  uint64_t rank_;
  mutable std::mutex mutex_;
  mutable std::vector<float> factors_;  // m / length, by output; empty: not measured yet
};

}  // namespace wmk::checkpoint
