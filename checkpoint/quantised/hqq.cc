// HQQ: "P.W_q" and its parameters, which transformers saves as tensors and HQQ itself as values
// beside them (specs/quantised.md 9).
#include <array>

#include "checkpoint/matrices/packed_numbers.h"
#include "checkpoint/matrices/scaled_numbers.h"
#include "checkpoint/quantised/group.h"

namespace wmk::checkpoint {

namespace {

struct HqqPacking {
  std::string_view name;
  unsigned bits, parts, word_bytes;
};

constexpr std::array<HqqPacking, 5> kPackings = {{{"8bit_u8", 8, 1, 1},
                                                  {"4bit_u8", 4, 2, 1},
                                                  {"3bit_32", 3, 10, 4},
                                                  {"2bit_u8", 2, 4, 1},
                                                  {"1bit_u8", 1, 8, 1}}};

// The values of a small tensor of integers.
Result<std::vector<uint64_t>> numbers_of(QuantisedGroup& group, std::string_view suffix,
                                         uint64_t count) {
  if (const StoredAttribute* value = group.attribute(suffix)) {
    const auto* list = std::get_if<std::vector<int64_t>>(value);
    const auto* one = std::get_if<int64_t>(value);
    std::vector<uint64_t> out;
    for (uint64_t i = 0; i < (list ? list->size() : one ? 1 : 0); ++i) {
      const int64_t number = list ? (*list)[i] : *one;
      if (number < 0) return group.malformed("'", suffix, "' is negative");
      out.push_back(static_cast<uint64_t>(number));
    }
    if (out.size() != count) return group.malformed("'", suffix, "' is not ", count, " numbers");
    return out;
  }
  auto tensor = group.need(suffix);
  if (!tensor) return std::move(tensor).error();
  const auto bytes = group.bytes_of(**tensor);
  if (!bytes) return bytes.error();
  const bool wide = has_type(**tensor, {DType::i64});
  if ((!wide && !has_type(**tensor, {DType::i32})) || (*tensor)->elements() != count) {
    return group.unsuitable(**tensor, cat("I32 or I64 [", count, "]"));
  }
  std::vector<uint64_t> out;
  for (uint64_t i = 0; i < count; ++i) {
    const int64_t value =
        wide ? load_le<int64_t>(bytes->data() + 8 * i) : load_le<int32_t>(bytes->data() + 4 * i);
    if (value < 0) return group.malformed("'", suffix, "' is negative");
    out.push_back(static_cast<uint64_t>(value));
  }
  return out;
}

struct Description {
  const HqqPacking* packing = nullptr;
  uint64_t out = 0, in = 0, group_size = 0, axis = 0;
  uint64_t elements() const { return out * in; }
};

Result<std::string> packing_name(QuantisedGroup& group) {
  if (const StoredAttribute* value = group.attribute(".packing")) {
    if (const auto* text = std::get_if<std::string>(value)) return *text;
    return group.malformed("'.packing' is not a text");
  }
  auto packing = group.need(".packing");
  if (!packing) return std::move(packing).error();
  const auto name = group.bytes_of(**packing);
  if (!name) return name.error();
  return std::string(as_text(*name));
}

Result<Description> description_of(QuantisedGroup& group) {
  const auto name = packing_name(group);
  if (!name) return name.error();
  Description out;
  for (const HqqPacking& each : kPackings) {
    if (each.name == *name) out.packing = &each;
  }
  if (out.packing == nullptr) {
    return group.unsupported("HQQ packing '", escaped(*name), "' is not read");
  }
  const auto shape = numbers_of(group, ".shape", 2);
  if (!shape) return shape.error();
  const auto size = numbers_of(group, ".group_size", 1);
  if (!size) return size.error();
  const auto axis = numbers_of(group, ".axis", 1);
  if (!axis) return axis.error();
  out.out = (*shape)[0], out.in = (*shape)[1], out.group_size = (*size)[0], out.axis = (*axis)[0];
  const auto elements = checked_product(out.out, out.in);
  if (!elements || *elements == 0 || out.group_size == 0 || *elements % out.group_size != 0 ||
      out.axis > 1) {
    return group.malformed("HQQ of [", out.out, ", ", out.in, "] in groups of ", out.group_size,
                           " along axis ", out.axis, " is impossible");
  }
  return out;
}

// Bits of a code: HQQ keeps codes of 5 and 6 bits in whole bytes, and 1.58 in two bits.
Result<uint64_t> bits_of(QuantisedGroup& group, const HqqPacking& packing) {
  const Tensor* stored = group.find(".nbits");
  const bool is_whole = group.attribute(".nbits") != nullptr ||
                        (stored != nullptr && has_type(*stored, {DType::i32, DType::i64}));
  if (!is_whole) return packing.bits;
  const auto bits = numbers_of(group, ".nbits", 1);
  if (!bits) return bits.error();
  if (bits->front() == 0 || bits->front() > packing.bits) {
    return group.malformed("is packed as ", packing.name, ", but has codes of ", bits->front(),
                           " bits");
  }
  return bits->front();
}

// The matrix is packed with a group in each row (axis 1) or in each column (axis 0).
Numbers values_of(const Description& about, const Tensor& codes, const Tensor& scales,
                  const Tensor& zeros) {
  const uint64_t groups = about.elements() / about.group_size;
  const HqqPacking& packing = *about.packing;
  const auto make = [&](uint64_t rows, uint64_t columns, auto grid) {
    const RunPacking runs{packing.bits, packing.parts, packing.word_bytes};
    return scaled(packed_over_each_other(codes, runs, rows, columns), Formula::shifted,
                  grid(scales), grid(zeros));
  };
  if (about.axis == 1) {
    const bool aligned = about.in % about.group_size == 0;
    const uint64_t rows = aligned ? about.out : groups;
    const uint64_t columns = about.elements() / rows;
    const auto grid = [&](const Tensor& t) {
      return Grid{plain_numbers(t, rows, columns / about.group_size), 1, about.group_size};
    };
    return reshaped(make(rows, columns, grid), about.out, about.in);
  }
  if (about.out % about.group_size == 0) {
    const uint64_t period = about.out / about.group_size;
    return make(about.out, about.in, [&](const Tensor& t) {
      return Grid{plain_numbers(t, period, about.in), 1, 1, period};
    });
  }
  const auto grid = [&](const Tensor& t) {
    return Grid{plain_numbers(t, 1, groups), UINT64_MAX, 1};
  };
  return reshaped(make(about.group_size, groups, grid), about.out, about.in);
}

}  // namespace

Result<std::optional<LogicalTensor>> make_hqq(QuantisedGroup& group) {
  const Tensor& codes = *group.find(".W_q");
  const auto about = description_of(group);
  if (!about) return about.error();
  const auto& packing = *about->packing;
  const auto held = checked_product(codes.bytes / packing.word_bytes, packing.parts);
  const bool padded = packing.word_bytes == 4;
  if (!held || codes.bytes % packing.word_bytes != 0 || *held < about->elements() ||
      (!padded && *held != about->elements())) {
    return group.unsuitable(codes, cat(about->elements(), " codes as ", packing.name));
  }
  if (group.has(".zero_q") || group.has(".scale_q")) {
    return group.unsupported("HQQ with quantised scales or zero points is not read");
  }
  std::array<const Tensor*, 2> grids{};
  for (size_t i = 0; i < 2; ++i) {
    auto tensor = group.need(i == 0 ? ".scale" : ".zero");
    if (!tensor) return std::move(tensor).error();
    grids[i] = *tensor;
    if (!is_float(*grids[i]) || grids[i]->elements() != about->elements() / about->group_size) {
      return group.unsuitable(*grids[i], "a number for each group");
    }
  }
  const auto bits = bits_of(group, packing);
  if (!bits) return bits.error();
  for (const std::string_view word :
       {".view_as_float", ".unpack_view_dtype", ".compute_dtype", ".quant_scale", ".quant_zero",
        ".offload_meta", ".encoded_state_dict", ".stores_quant_config", ".channel_wise",
        ".optimize", ".round_zero"}) {
    group.also(word);
  }
  return std::optional(LogicalTensor{group.prefix() + ".weight",
                                     {about->out, about->in},
                                     cat("HQQ ", *bits, " bit, group ", about->group_size),
                                     values_of(*about, codes, *grids[0], *grids[1])});
}

}  // namespace wmk::checkpoint
