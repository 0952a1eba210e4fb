// Experts of gpt-oss: "P_blocks" and "P_scales" (specs/quantised.md 7).
#include "checkpoint/matrices/scaled_numbers.h"
#include "checkpoint/matrices/small_floats.h"
#include "checkpoint/quantised/group.h"

namespace wmk::checkpoint {

namespace {

constexpr uint64_t kMxfp4Block = 32;

}  // namespace

// Stored as [experts, out, in]. The model uses, and saves without quantisation, [experts, in, out].
// The logical tensor has the latter shape, so that the same naming rule applies to both.
Result<std::optional<LogicalTensor>> make_mxfp4_experts(QuantisedGroup& group) {
  const Tensor& codes = *group.find("_blocks");
  if (!group.has("_scales")) return std::optional<LogicalTensor>();
  const Tensor& scales = *group.find("_scales");
  const auto& shape = codes.shape;
  const bool in_blocks = shape.size() == 4 && shape[3] == kMxfp4Block / 2;
  if (!has_type(codes, {DType::u8}) || (!in_blocks && shape.size() != 3) || codes.elements() == 0) {
    return group.unsuitable(codes, "U8 [experts, out, in / 32, 16]");
  }
  const uint64_t blocks = in_blocks ? shape[2] : shape[2] / (kMxfp4Block / 2);
  if (!has_type(scales, {DType::u8, DType::f8_e8m0}) ||
      scales.shape != std::vector{shape[0], shape[1], blocks} ||
      (!in_blocks && shape[2] % (kMxfp4Block / 2) != 0)) {
    return group.unsuitable(scales, cat("U8 [", shape[0], ", ", shape[1], ", ", blocks, "]"));
  }
  const uint64_t rows = shape[0] * shape[1];
  const Numbers values = scaled(e2m1_numbers(codes, rows, blocks * kMxfp4Block), Formula::times,
                                {e8m0_numbers(scales, rows, blocks), 1, kMxfp4Block});
  return std::optional(LogicalTensor{group.prefix(),
                                     {shape[0], blocks * kMxfp4Block, shape[1]},
                                     "MXFP4",
                                     transposed(values, shape[0])});
}

}  // namespace wmk::checkpoint
