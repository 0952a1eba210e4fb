// MLX: "P.weight" of packed words and "P.scales", with "P.biases" unless the codes are floats
// (specs/quantised.md 10).
#include <algorithm>
#include <array>

#include "checkpoint/matrices/scaled_numbers.h"
#include "checkpoint/matrices/small_floats.h"
#include "checkpoint/quantised/group.h"

namespace wmk::checkpoint {

namespace {

// Modes whose codes are floats, with a scale of one byte for each group.
struct FloatMode {
  std::string_view name, title;
  uint64_t bits, group;
  uint64_t words() const { return bits * group / 32; }  // for each scale: all modes differ
};

constexpr std::array<FloatMode, 3> kFloatModes = {
    {{"mxfp4", "MLX MXFP4", 4, 32}, {"mxfp8", "MLX MXFP8", 8, 32}, {"nvfp4", "MLX NVFP4", 4, 16}}};
constexpr std::string_view kAffine = "affine";

// Extents of the matrix; the first one is that of stacked experts.
struct Extents {
  uint64_t bits, group, rows, columns, groups;
  std::vector<uint64_t> shape;
};

// The words of all rows, for codes of `bits` with a scale for each `each` of them.
Result<Extents> extents_of(const QuantisedGroup& group, const Tensor& codes, const Tensor& scales,
                           uint64_t bits, uint64_t each) {
  const uint64_t words = codes.shape.back();
  Extents out{bits,       each, codes.elements() / words, words * 32 / bits, scales.shape.back(),
              codes.shape};
  out.shape.back() = out.columns;
  std::vector<uint64_t> wanted = out.shape;
  wanted.back() = ceil_div(out.columns, each);
  if (words * 32 % bits != 0 || out.columns % each != 0 || scales.shape != wanted) {
    return group.unsuitable(
        scales, cat("a scale for each ", each, " codes of ", bits, " bits in ", words, " words"));
  }
  return out;
}

// Bytes as scales: their number says which mode it is.
Result<std::optional<LogicalTensor>> make_float_modes(const QuantisedGroup& group,
                                                      const Tensor& codes, const Tensor& scales,
                                                      const std::string& said) {
  const FloatMode* mode = nullptr;
  for (const FloatMode& each : kFloatModes) {
    if (codes.shape.back() / each.words() == scales.shape.back()) mode = &each;
  }
  if (mode == nullptr) return group.unsuitable(scales, "a scale for each 16 or 32 codes");
  if (!said.empty() && said != mode->name) {
    return group.malformed("is stored as ", mode->name, ", but config.json says ", escaped(said));
  }
  if (group.has(".global_scale")) {
    return group.unsupported("MLX ", mode->name, " with a scale of the whole tensor is not read");
  }
  const auto extents = extents_of(group, codes, scales, mode->bits, mode->group);
  if (!extents) return extents.error();
  const auto& [bits, each, rows, columns, groups, shape] = *extents;
  const DType type = mode->group == 16 ? DType::f8_e4m3 : DType::f8_e8m0;
  const Numbers values = bits == 4 ? e2m1_numbers(codes, rows, columns)
                                   : byte_floats(codes, DType::f8_e4m3, rows, columns);
  return std::optional(LogicalTensor{
      group.prefix() + ".weight", shape, std::string(mode->title),
      scaled(values, Formula::times, {byte_floats(scales, type, rows, groups), 1, each})});
}

// The tensors give only bits times group; config.json gives both.
Result<std::optional<LogicalTensor>> make_affine(QuantisedGroup& group, const Tensor& codes,
                                                 const Tensor& scales) {
  const auto& configured = group.config().packing_of(group.prefix());
  const uint64_t said_bits = configured.bits.value_or(4);
  const uint64_t said_group = configured.group_size.value_or(64);
  if (said_bits < 1 || said_bits > 8 || said_bits == 7 || said_group == 0 ||
      said_group > (1 << 20)) {
    return group.malformed("config.json says ", said_bits, " bits in groups of ", said_group);
  }
  const auto extents = extents_of(group, codes, scales, said_bits, said_group);
  if (!extents) return extents.error();
  const auto& [bits, each, rows, columns, groups, shape] = *extents;
  auto biases = group.need(".biases");
  if (!biases) return std::move(biases).error();
  if (!is_float(scales)) return group.unsuitable(scales, "a floating type");
  if (!is_float(**biases) || (*biases)->shape != scales.shape) {
    return group.unsuitable(**biases, "the shape of the scales");
  }
  return std::optional(LogicalTensor{
      group.prefix() + ".weight", shape, cat("MLX ", bits, " bit, group ", each),
      scaled(packed_along_rows(codes, static_cast<unsigned>(bits), rows, columns, columns * bits),
             Formula::times_plus, {plain_numbers(scales, rows, groups), 1, each},
             {plain_numbers(**biases, rows, groups), 1, each})});
}

}  // namespace

Result<std::optional<LogicalTensor>> make_mlx(QuantisedGroup& group) {
  const Tensor* codes = group.find(".weight");
  if (codes == nullptr || !has_type(*codes, {DType::u32})) return std::optional<LogicalTensor>();
  const Tensor& scales = *group.find(".scales");
  if (codes->shape.size() < 2 || codes->shape.size() != scales.shape.size() ||
      codes->elements() == 0) {
    return group.unsuitable(*codes, "words of a matrix");
  }
  const std::string& mode = group.config().packing_of(group.prefix()).mode;
  const bool says_floats = std::any_of(kFloatModes.begin(), kFloatModes.end(),
                                       [&](const FloatMode& each) { return each.name == mode; });
  if (!mode.empty() && mode != kAffine && !says_floats) {
    return group.unsupported("MLX in the mode '", escaped(mode), "' is not read");
  }
  if (has_type(scales, {DType::u8})) return make_float_modes(group, *codes, scales, mode);
  if (says_floats) return group.unsuitable(scales, cat("U8 of the mode '", mode, "'"));
  return make_affine(group, *codes, scales);
}

}  // namespace wmk::checkpoint
