// ModelOpt: "P.weight" of four-bit codes in bytes with "P.weight_scale": NVFP4 and INT4, which may
// have "P.weight_scale_2", and MXFP4 (specs/quantised.md 6.2 to 6.4).
#include "checkpoint/matrices/scaled_numbers.h"
#include "checkpoint/matrices/small_floats.h"
#include "checkpoint/quantised/group.h"

namespace wmk::checkpoint {

namespace {

// A matrix of bytes, or experts stacked: [rows, columns] or [experts, rows, columns].
struct ByteStack {
  const Tensor& tensor;
  uint64_t experts, rows, columns;
  uint64_t all_rows() const { return experts * rows; }
  // The shape of a stack of `down` x `across` for each expert.
  std::vector<uint64_t> shaped(uint64_t down, uint64_t across) const {
    if (tensor.shape.size() == 2) return {down, across};
    return {experts, down, across};
  }
};

Result<ByteStack> stack_of(const QuantisedGroup& group, const Tensor& codes) {
  const auto& shape = codes.shape;
  if ((shape.size() != 2 && shape.size() != 3) || codes.elements() == 0) {
    return group.unsuitable(codes, "U8 [out, in / 2]");
  }
  return ByteStack{codes, shape.size() == 3 ? shape[0] : 1, shape[shape.size() - 2], shape.back()};
}

std::optional<LogicalTensor> logical(const QuantisedGroup& group, std::vector<uint64_t> shape,
                                     std::string format, Numbers values) {
  return LogicalTensor{group.prefix() + ".weight", std::move(shape), std::move(format),
                       std::move(values)};
}

// weight_scale_2: one for all, or one for each expert.
Result<Grid> overall_scale(QuantisedGroup& group, const ByteStack& codes) {
  auto tensor = group.need(".weight_scale_2");
  if (!tensor) return std::move(tensor).error();
  const uint64_t count = (*tensor)->elements();
  if (!has_type(**tensor, {DType::f32}) || (count != 1 && count != codes.experts)) {
    return group.unsuitable(**tensor, cat("one F32 or ", codes.experts));
  }
  const Numbers numbers = plain_numbers(**tensor, count, 1);
  return count == 1 ? everywhere(numbers) : Grid{numbers, codes.rows, UINT64_MAX};
}

// e2m1 * (s * scale_2)
Result<std::optional<LogicalTensor>> make_nvfp4(QuantisedGroup& group, const ByteStack& codes,
                                                const Tensor& scales) {
  const uint64_t in = codes.columns * 2, groups = in / 16;
  if (in % 16 != 0 || scales.shape != codes.shaped(codes.rows, groups)) {
    return group.unsuitable(scales, "F8_E4M3, one for each 16 elements of a row");
  }
  const auto overall = overall_scale(group, codes);
  if (!overall) return overall.error();
  const Numbers product =
      scaled(plain_numbers(scales, codes.all_rows(), groups), Formula::times, *overall);
  return logical(
      group, codes.shaped(codes.rows, in), "NVFP4",
      scaled(e2m1_numbers(codes.tensor, codes.all_rows(), in), Formula::times, {product, 1, 16}));
}

Result<std::optional<LogicalTensor>> make_mxfp4(const QuantisedGroup& group, const ByteStack& codes,
                                                const Tensor& scales) {
  const uint64_t in = codes.columns * 2, groups = ceil_div(in, 32);
  if (scales.shape != codes.shaped(codes.rows, groups)) {
    return group.unsuitable(scales, "a scale for each 32 elements of a row");
  }
  return logical(group, codes.shaped(codes.rows, in), "MXFP4",
                 scaled(e2m1_numbers(codes.tensor, codes.all_rows(), in), Formula::times,
                        {e8m0_numbers(scales, codes.all_rows(), groups), 1, 32}));
}

// A byte holds the signed codes of two rows, the first one in its low half. With activations in
// FP8, weight_scale_2 is the scale of the products, which the weights do not need.
Result<std::optional<LogicalTensor>> make_int4(QuantisedGroup& group, const ByteStack& codes,
                                               const Tensor& scales) {
  const uint64_t in = codes.columns, out = codes.rows * 2;
  const uint64_t groups = scales.shape.empty() ? 0 : scales.shape.back();
  if (groups == 0 || groups > in || in % groups != 0 || scales.shape != codes.shaped(out, groups)) {
    return group.unsuitable(scales, cat("[", out, ", groups of ", in, "]"));
  }
  group.also(".weight_scale_2");
  const Numbers unsigned_codes = packed_in_row_pairs(codes.tensor, codes.experts * out, in);
  const Numbers signed_codes = looked_up(
      unsigned_codes, listed_numbers({0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1}));
  return logical(group, codes.shaped(out, in), cat("ModelOpt INT4, group ", in / groups),
                 scaled(signed_codes, Formula::times,
                        {plain_numbers(scales, codes.experts * out, groups), 1, in / groups}));
}

}  // namespace

Result<std::optional<LogicalTensor>> make_modelopt(QuantisedGroup& group) {
  const Tensor* weight = group.find(".weight");
  if (weight == nullptr || !has_type(*weight, {DType::u8})) return std::optional<LogicalTensor>();
  const auto codes = stack_of(group, *weight);
  if (!codes) return codes.error();
  auto scales = group.need(".weight_scale");
  if (!scales) return std::move(scales).error();
  if (group.has(".svdquant_lora_a") || group.has(".weight_quantizer.svdquant_lora_a")) {
    return group.unsupported("ModelOpt SVDQuant adds a product of two matrices that is not read");
  }
  for (const std::string_view activation : {".input_scale", ".k_scale", ".v_scale"}) {
    group.also(activation);
  }
  if (has_type(**scales, {DType::f8_e4m3})) return make_nvfp4(group, *codes, **scales);
  if (has_type(**scales, {DType::u8, DType::f8_e8m0})) return make_mxfp4(group, *codes, **scales);
  if (is_float(**scales)) return make_int4(group, *codes, **scales);
  return group.unsuitable(**scales, "F8_E4M3 (NVFP4), U8 (MXFP4) or a floating type (INT4)");
}

}  // namespace wmk::checkpoint
