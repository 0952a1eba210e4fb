// MLX: "P.weight" of packed words, "P.scales" and "P.biases" (specs/quantised.md 10).
#include "checkpoint/quantised/four_bit_floats.h"
#include "checkpoint/quantised/group.h"
#include "checkpoint/quantised/scaled_numbers.h"

namespace wmk::checkpoint {

namespace {

// Extents of the matrix; the first one is that of stacked experts.
struct Extents {
  uint64_t bits, group, rows, columns, groups;
  std::vector<uint64_t> shape;
};

// The tensors give only bits times group; config.json gives both.
Result<Extents> extents_of(const QuantisedGroup& group, const Tensor& codes, const Tensor& scales,
                           uint64_t usual_group) {
  const auto& configured = group.config().packing_of(group.prefix());
  Extents out{};
  out.bits = configured.bits.value_or(4);
  out.group = configured.group_size.value_or(usual_group);
  if (out.bits < 1 || out.bits > 8 || out.bits == 7 || out.group == 0 || out.group > (1 << 20)) {
    return group.malformed("config.json says ", out.bits, " bits in groups of ", out.group);
  }
  if (codes.shape.size() < 2 || codes.shape.size() != scales.shape.size() ||
      codes.elements() == 0) {
    return group.unsuitable(codes, "words of a matrix");
  }
  const uint64_t words = codes.shape.back();
  out.columns = words * 32 / out.bits;
  out.groups = scales.shape.back();
  out.shape = codes.shape;
  out.shape.back() = out.columns;
  out.rows = codes.elements() / words;
  std::vector<uint64_t> wanted = out.shape;
  wanted.back() = ceil_div(out.columns, out.group);
  if (words * 32 % out.bits != 0 || out.columns % out.group != 0 || scales.shape != wanted) {
    return group.unsuitable(scales, cat("a scale for each ", out.group, " codes of ", out.bits,
                                        " bits in ", words, " words"));
  }
  return out;
}

}  // namespace

Result<std::optional<LogicalTensor>> make_mlx(QuantisedGroup& group) {
  const Tensor* codes = group.find(".weight");
  if (codes == nullptr || !has_type(*codes, {DType::u32})) return std::optional<LogicalTensor>();
  const Tensor& scales = *group.find(".scales");
  const std::string& mode = group.config().mode;
  if (!mode.empty() && mode != "affine" && mode != "mxfp4") {
    return group.unsupported("MLX in the mode '", escaped(mode), "' is not read");
  }
  const bool floats = mode == "mxfp4";
  const auto extents = extents_of(group, *codes, scales, floats ? 32 : 64);
  if (!extents) return extents.error();
  const auto& [bits, each, rows, columns, groups, shape] = *extents;
  const std::string name = group.prefix() + ".weight";
  if (floats) {
    if (!has_type(scales, {DType::u8}) || bits != 4) return group.unsuitable(scales, "U8");
    return std::optional(LogicalTensor{name, shape, "MLX MXFP4",
                                       scaled(e2m1_numbers(*codes, rows, columns), Formula::times,
                                              {e8m0_numbers(scales, rows, groups), 1, each})});
  }
  auto biases = group.need(".biases");
  if (!biases) return std::move(biases).error();
  if (!is_float(scales)) return group.unsuitable(scales, "a floating type");
  if (!is_float(**biases) || (*biases)->shape != scales.shape) {
    return group.unsuitable(**biases, "the shape of the scales");
  }
  return std::optional(LogicalTensor{
      name, shape, cat("MLX ", bits, " bit, group ", each),
      scaled(packed_along_rows(*codes, static_cast<unsigned>(bits), rows, columns, columns * bits),
             Formula::times_plus, {plain_numbers(scales, rows, groups), 1, each},
             {plain_numbers(**biases, rows, groups), 1, each})});
}

}  // namespace wmk::checkpoint
