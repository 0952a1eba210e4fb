// "P.weight_packed" of compressed-tensors: integers, NVFP4, MXFP4 and MXFP6 (specs/quantised.md 6).
#include "checkpoint/matrices/packed_numbers.h"
#include "checkpoint/matrices/scaled_numbers.h"
#include "checkpoint/matrices/small_floats.h"
#include "checkpoint/quantised/group.h"

namespace wmk::checkpoint {

namespace {

std::optional<LogicalTensor> logical(const QuantisedGroup& group, uint64_t out, uint64_t in,
                                     std::string format, Numbers values) {
  return LogicalTensor{group.prefix() + ".weight", {out, in}, std::move(format), std::move(values)};
}

void activations(QuantisedGroup& group) {
  for (const std::string_view suffix :
       {".input_scale", ".input_zero_point", ".input_global_scale", ".k_scale", ".v_scale"}) {
    group.also(suffix);
  }
}

// weight_shape: [out, in] of the matrix before packing.
Result<std::pair<uint64_t, uint64_t>> said_shape(QuantisedGroup& group, const Tensor& packed) {
  auto shape = group.need(".weight_shape");
  if (!shape) return std::move(shape).error();
  const bool wide = has_type(**shape, {DType::i64});
  if ((!wide && !has_type(**shape, {DType::i32})) || (*shape)->elements() != 2) {
    return group.unsuitable(**shape, "I64 [2]");
  }
  auto bytes = group.bytes_of(**shape);
  if (!bytes) return std::move(bytes).error();
  const auto extent = [&](size_t i) -> int64_t {
    return wide ? load_le<int64_t>(bytes->data() + 8 * i) : load_le<int32_t>(bytes->data() + 4 * i);
  };
  // A word holds at most 32 elements, which limits what a file can claim.
  const int64_t out = extent(0), in = extent(1);
  if (out <= 0 || in <= 0 || static_cast<uint64_t>(out) != packed.shape[0] ||
      static_cast<uint64_t>(in) / 32 > packed.shape[1]) {
    return group.malformed("has the shape [", out, ", ", in, "], which ", packed.shape[0], " x ",
                           packed.shape[1], " words do not hold");
  }
  return std::pair{static_cast<uint64_t>(out), static_cast<uint64_t>(in)};
}

// One number per row and group, [out, groups], or one for all.
Result<Grid> grid_of(const QuantisedGroup& group, const Tensor& tensor, uint64_t out, uint64_t in) {
  if (!is_float(tensor)) return group.unsuitable(tensor, "a floating type");
  if (tensor.elements() == 1) return everywhere(plain_numbers(tensor, 1, 1));
  const uint64_t groups = tensor.shape.size() == 2 ? tensor.shape[1] : 1;
  if (tensor.shape.empty() || tensor.shape.size() > 2 || tensor.shape[0] != out || groups == 0 ||
      groups > in || ceil_div(in, ceil_div(in, groups)) != groups) {
    return group.unsuitable(tensor, cat("[", out, ", groups of ", in, "]"));
  }
  return Grid{plain_numbers(tensor, out, groups), 1, ceil_div(in, groups)};
}

// Codes are packed without gaps; older releases left the top bits of each word unused if the number
// of bits does not divide 32.
struct WordLayout {
  unsigned bits = 0;
  bool gaps = false;
};

Result<WordLayout> words_of(const QuantisedGroup& group, const Tensor& packed, uint64_t in) {
  for (const bool gaps : {false, true}) {
    for (const unsigned bits : {4u, 8u, 2u, 3u, 5u, 6u, 7u, 1u}) {
      const uint64_t words =
          gaps ? ceil_div(in, 32 / bits) : in / 32 * bits + ceil_div(in % 32 * bits, 32);
      if (words == packed.shape[1]) return WordLayout{bits, gaps};
    }
  }
  return group.unsuitable(packed, cat("words for ", in, " codes of 1 to 8 bits"));
}

Result<std::optional<LogicalTensor>> make_integers(QuantisedGroup& group, const Tensor& packed) {
  const auto shape = said_shape(group, packed);
  if (!shape) return shape.error();
  const auto [out, in] = *shape;
  const auto words = words_of(group, packed, in);
  if (!words) return words.error();
  const auto [bits, gaps] = *words;
  auto scales = group.need(".weight_scale");
  if (!scales) return std::move(scales).error();
  auto scale = grid_of(group, **scales, out, in);
  if (!scale) return std::move(scale).error();
  std::string format = cat("compressed-tensors ", bits, " bit");
  if (scale->columns_each < in) format += cat(", group ", scale->columns_each);
  if (const Tensor* places = group.find(".weight_g_idx")) {
    if (!has_type(*places, {DType::i32}) || places->shape != std::vector{in}) {
      return group.unsuitable(*places, cat("I32 [", in, "]"));
    }
    if ((*scales)->elements() != 1) {
      scale->column_places = PlaceList{places->file, places->offset};
    }
  }
  activations(group);
  // Codes and zero points are stored with an offset, so that they are not negative.
  const auto half = static_cast<float>(1u << (bits - 1));
  const Grid offset = everywhere(constant_numbers(half));
  const Numbers stored = gaps ? packed_in_words(packed, bits, out, in)
                              : packed_along_rows(packed, bits, out, in, packed.shape[1] * 32);
  const Numbers codes = scaled(stored, Formula::minus, {}, offset);
  const Tensor* zeros = group.find(".weight_zero_point");
  if (zeros == nullptr || !group.config().uses_zero_points(group.prefix())) {
    return logical(group, out, in, format, scaled(codes, Formula::times, *scale));
  }
  const uint64_t groups = scale->numbers->columns();
  if (!has_type(*zeros, {DType::i32}) || (*scales)->elements() == 1 ||
      zeros->shape != std::vector{gaps ? ceil_div(out, 32 / bits)
                                       : out / 32 * bits + ceil_div(out % 32 * bits, 32),
                                  groups}) {
    return group.unsuitable(*zeros, cat("packed zero points of ", out, " x ", groups, " groups"));
  }
  Grid zero = *scale;
  zero.numbers =
      scaled(packed_along_columns(*zeros, bits, out, groups, gaps), Formula::minus, {}, offset);
  return logical(group, out, in, format, scaled(codes, Formula::shifted, *scale, zero));
}

// Two codes per byte, low half first, with a scale for each 16 or 32 of a row.
Result<Numbers> four_bit(const QuantisedGroup& group, const Tensor& packed) {
  if (!is_matrix(packed) || !has_type(packed, {DType::u8})) {
    return group.unsuitable(packed, "U8 [out, in / 2]");
  }
  return e2m1_numbers(packed, packed.shape[0], packed.shape[1] * 2);
}

Result<const Tensor*> one_float(QuantisedGroup& group, std::string_view suffix) {
  auto tensor = group.need(suffix);
  if (tensor && (!has_type(**tensor, {DType::f32}) || (*tensor)->elements() != 1)) {
    return group.unsuitable(**tensor, "one F32");
  }
  return tensor;
}

Result<std::optional<LogicalTensor>> make_floats(QuantisedGroup& group, const Tensor& packed) {
  const auto codes = four_bit(group, packed);
  if (!codes) return codes.error();
  const uint64_t out = packed.shape[0], in = packed.shape[1] * 2;
  auto scales = group.need(".weight_scale");
  if (!scales) return std::move(scales).error();
  activations(group);
  if (has_type(**scales, {DType::u8, DType::f8_e8m0})) {
    const uint64_t in6 = packed.shape[1] / 3 * 4;
    if (packed.shape[1] % 3 == 0 && (*scales)->shape == std::vector{out, ceil_div(in6, 32)}) {
      const Grid scale{e8m0_numbers(**scales, out, ceil_div(in6, 32)), 1, 32};
      return logical(group, out, in6, "MXFP6",
                     scaled(e2m3_numbers(packed, out, in6), Formula::times, scale));
    }
    if ((*scales)->shape != std::vector{out, ceil_div(in, 32)}) {
      return group.unsuitable(**scales, "a scale for each 32 elements of a row");
    }
    const Grid scale{e8m0_numbers(**scales, out, ceil_div(in, 32)), 1, 32};
    return logical(group, out, in, "MXFP4", scaled(*codes, Formula::times, scale));
  }
  auto overall = one_float(group, ".weight_global_scale");
  if (!overall) return std::move(overall).error();
  if (!has_type(**scales, {DType::f8_e4m3}) || (*scales)->shape != std::vector{out, in / 16} ||
      in % 16 != 0) {
    return group.unsuitable(**scales, "F8_E4M3, one for each 16 elements of a row");
  }
  const Numbers divided = scaled(plain_numbers(**scales, out, in / 16), Formula::over,
                                 everywhere(plain_numbers(**overall, 1, 1)));
  return logical(group, out, in, "NVFP4", scaled(*codes, Formula::times, {divided, 1, 16}));
}

}  // namespace

Result<std::optional<LogicalTensor>> make_compressed_packed(QuantisedGroup& group) {
  const Tensor& packed = *group.find(".weight_packed");
  if (group.has(".scale_packed")) {
    return group.unsupported("marlin-24 stores weights in the memory order of a GPU kernel");
  }
  if (!is_matrix(packed)) return group.unsuitable(packed, "a matrix");
  if (has_type(packed, {DType::i32})) return make_integers(group, packed);
  return make_floats(group, packed);
}

}  // namespace wmk::checkpoint
