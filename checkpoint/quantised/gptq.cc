// GPTQ and AWQ: "P.qweight", "P.qzeros", "P.scales" and for GPTQ "P.g_idx" (specs/quantised.md 4).
#include "checkpoint/matrices/packed_numbers.h"
#include "checkpoint/matrices/scaled_numbers.h"
#include "checkpoint/quantised/group.h"

namespace wmk::checkpoint {

namespace {

struct Parts {
  const Tensor* codes;
  const Tensor* zeros;
  const Tensor* scales;
  uint64_t out() const { return scales->shape[1]; }
  uint64_t groups() const { return scales->shape[0]; }
};

Result<Parts> parts_of(QuantisedGroup& group) {
  Parts out{};
  const auto matrix = [&](std::string_view suffix, const Tensor*& to) -> Status {
    auto tensor = group.need(suffix);
    if (!tensor) return std::move(tensor).error();
    to = *tensor;
    return is_matrix(*to) ? Status() : Status(group.unsuitable(*to, "a matrix"));
  };
  auto status = matrix(".qweight", out.codes);
  if (status) status = matrix(".scales", out.scales);
  if (status) status = matrix(".qzeros", out.zeros);
  if (!status) return std::move(status).error();
  if (!is_float(*out.scales)) return group.unsuitable(*out.scales, "a floating type");
  for (const Tensor* packed : {out.codes, out.zeros}) {
    if (!has_type(*packed, {DType::i32})) return group.unsuitable(*packed, "I32");
  }
  return out;
}

// Rows per group; the last group may have fewer.
Result<uint64_t> group_size(const QuantisedGroup& group, uint64_t in, uint64_t groups) {
  const auto configured = group.config().packing_of(group.prefix()).group_size;
  const uint64_t each =
      configured && *configured > 0 && *configured <= in ? *configured : ceil_div(in, groups);
  if (ceil_div(in, each) != groups) {
    return group.malformed("has ", groups, " groups for ", in, " inputs",
                           configured ? ", but " : "",
                           configured ? cat("config.json says groups of ", *configured) : "");
  }
  return each;
}

Status agrees(const QuantisedGroup& group, std::string_view method, unsigned bits) {
  const auto& config = group.config();
  const auto configured = config.packing_of(group.prefix()).bits;
  if (configured && *configured != bits) {
    return group.malformed("holds ", bits, " bit, but config.json says ", *configured);
  }
  const bool known = config.method == "gptq" || config.method == "awq";
  if (known && config.method != method) {
    return group.malformed("is stored as ", method, ", but config.json says ", config.method);
  }
  return {};
}

// The zero point of symmetric codes.
Numbers middle_code(unsigned bits) {
  return constant_numbers(static_cast<float>(1u << (bits - 1)));
}

Result<std::optional<LogicalTensor>> make_awq(QuantisedGroup& group, const Parts& parts) {
  const uint64_t in = parts.codes->shape[0];
  const auto each = group_size(group, in, parts.groups());
  if (!each) return each.error();
  if (auto status = agrees(group, "awq", 4); !status) return std::move(status).error();
  if (parts.out() % 8 != 0 || parts.zeros->shape != std::vector{parts.groups(), parts.out() / 8}) {
    return group.unsuitable(*parts.zeros, cat("[", parts.groups(), ", ", parts.out(), " / 8]"));
  }
  const Numbers codes = packed_awq(*parts.codes, in, parts.out());
  const Grid scales{plain_numbers(*parts.scales, parts.groups(), parts.out()), *each};
  Grid zeros{packed_awq(*parts.zeros, parts.groups(), parts.out()), *each};
  if (!group.config().uses_zero_points(group.prefix())) zeros = everywhere(middle_code(4));
  return std::optional(LogicalTensor{group.prefix() + ".weight",
                                     {parts.out(), in},
                                     cat("AWQ 4 bit, group ", *each),
                                     transposed(scaled(codes, Formula::shifted, scales, zeros))});
}

// The number of bits, from the zero points, which are packed along the outputs.
Result<unsigned> bits_of(const QuantisedGroup& group, const Parts& parts) {
  for (const unsigned bits : {2u, 3u, 4u, 8u}) {
    const auto packed = checked_product(parts.out(), bits);
    if (packed && *packed % 32 == 0 &&
        parts.zeros->shape == std::vector{parts.groups(), *packed / 32}) {
      return bits;
    }
  }
  return group.unsuitable(*parts.zeros, cat("[", parts.groups(), ", ", parts.out(),
                                            " * bits / 32] for 2, 3, 4 or 8 bits"));
}

// The first version of the format stores zero points minus one, modulo 2^bits.
Numbers zero_points(const Parts& parts, unsigned bits, bool less_one) {
  const Numbers stored =
      packed_along_rows(*parts.zeros, bits, parts.groups(), parts.out(), parts.out() * bits);
  if (!less_one) return stored;
  const uint64_t codes = 1ull << bits;
  std::vector<float> table(codes);
  for (uint64_t code = 0; code < codes; ++code)
    table[code] = static_cast<float>((code + 1) % codes);
  return looked_up(stored, listed_numbers(std::move(table)));
}

Result<std::optional<LogicalTensor>> make_gptq(QuantisedGroup& group, const Parts& parts) {
  const auto bits = bits_of(group, parts);
  if (!bits) return bits.error();
  if (auto status = agrees(group, "gptq", *bits); !status) return std::move(status).error();
  const uint64_t in = parts.codes->shape[0] * 32 / *bits;
  if (parts.codes->shape[0] % *bits != 0 && 32 % *bits != 0) {
    return group.unsuitable(*parts.codes, "a multiple of 3 rows");
  }
  Grid scales{plain_numbers(*parts.scales, parts.groups(), parts.out())};
  std::string layout;
  if (const Tensor* places = group.find(".g_idx")) {
    if (!has_type(*places, {DType::i32}) || places->shape != std::vector{in}) {
      return group.unsuitable(*places, cat("I32 [", in, "]"));
    }
    scales.row_places = PlaceList{places->file, places->offset};
    layout = cat(", group ", ceil_div(in, parts.groups()));
  } else {
    const auto each = group_size(group, in, parts.groups());
    if (!each) return each.error();
    scales.rows_each = *each;
    layout = cat(", group ", *each);
  }
  const std::string& format = group.config().format;
  if (!format.empty() && format != "gptq" && format != "gptq_v2") {
    return group.unsupported("GPTQ in the layout '", escaped(format), "' is not read");
  }
  Grid zeros = scales;
  zeros.numbers = zero_points(parts, *bits, format != "gptq_v2");
  if (!group.config().uses_zero_points(group.prefix())) zeros = everywhere(middle_code(*bits));
  const Numbers codes = packed_along_columns(*parts.codes, *bits, in, parts.out(), false);
  return std::optional(LogicalTensor{group.prefix() + ".weight",
                                     {parts.out(), in},
                                     cat("GPTQ ", *bits, " bit", layout),
                                     transposed(scaled(codes, Formula::shifted, scales, zeros))});
}

}  // namespace

Result<std::optional<LogicalTensor>> make_gptq_or_awq(QuantisedGroup& group) {
  const auto& format = group.config().format;
  if (group.config().method == "awq" && !format.empty() && format != "gemm" && format != "GEMM") {
    return group.unsupported("AWQ in the layout '", escaped(format), "' is not read");
  }
  auto parts = parts_of(group);
  if (!parts) return std::move(parts).error();
  const uint64_t words = parts->codes->shape[1];
  if (words == parts->out()) return make_gptq(group, *parts);
  if (words < parts->out() && words == parts->out() / 8) return make_awq(group, *parts);
  return group.unsuitable(
      *parts->codes, cat("[.., ", parts->out(), "] (GPTQ) or [.., ", parts->out(), " / 8] (AWQ)"));
}

}  // namespace wmk::checkpoint
