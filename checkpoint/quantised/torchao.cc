// torchao: "M._weight_qdata", "M._weight_scale" and others, as its tensors are flattened into
// safetensors (specs/quantised.md 11).
#include "checkpoint/matrices/packed_numbers.h"
#include "checkpoint/matrices/scaled_numbers.h"
#include "checkpoint/quantised/group.h"

namespace wmk::checkpoint {

namespace {

// "model.layers.0.mlp.up_proj._weight" is the prefix of "model.layers.0.mlp.up_proj.weight".
std::optional<std::string> plain_name(const std::string& prefix) {
  const size_t at = prefix.rfind("._");
  if (at == std::string::npos || at + 2 == prefix.size()) return std::nullopt;
  return prefix.substr(0, at + 1) + prefix.substr(at + 2);
}

// A matrix, or experts stacked, [experts, rows, columns].
struct BlockedExtents {
  uint64_t experts = 1, rows = 0, columns = 0;
  uint64_t all_rows() const { return experts * rows; }
};

std::optional<BlockedExtents> blocked_extents(const Tensor& tensor) {
  const auto& shape = tensor.shape;
  if ((shape.size() != 2 && shape.size() != 3) || tensor.elements() == 0) return std::nullopt;
  return BlockedExtents{shape.size() == 3 ? shape[0] : 1, shape[shape.size() - 2], shape.back()};
}

// A number for each block; the numbers of blocks give their size.
Result<Grid> grid_of_blocks(const QuantisedGroup& group, const Tensor& tensor,
                            const BlockedExtents& codes) {
  if (tensor.elements() == 1) return everywhere(plain_numbers(tensor, 1, 1));
  BlockedExtents blocks;
  if (const auto matrix = blocked_extents(tensor)) {
    blocks = *matrix;
  } else if (tensor.shape.size() == 1 && tensor.elements() > 0) {
    blocks = {1, tensor.shape[0], 1};
  }
  if (blocks.rows == 0 || blocks.experts != codes.experts || codes.rows % blocks.rows != 0 ||
      codes.columns % blocks.columns != 0) {
    return group.unsuitable(
        tensor, cat("a number for each block of [", codes.rows, ", ", codes.columns, "]"));
  }
  return Grid{plain_numbers(tensor, blocks.all_rows(), blocks.columns), codes.rows / blocks.rows,
              codes.columns / blocks.columns};
}

std::string layout_of(const Grid& grid, const BlockedExtents& codes) {
  if (grid.rows_each == UINT64_MAX) return ", one scale";
  if (grid.rows_each > 1) return cat(", blocks of ", grid.rows_each, " x ", grid.columns_each);
  if (grid.columns_each == codes.columns) return ", scales of rows";
  return cat(", group ", grid.columns_each);
}

// I8 and F8: (q - z) * s.
Result<Numbers> unpacked(QuantisedGroup& group, const Tensor& stored, const BlockedExtents& codes,
                         const Tensor& scales, std::string& format) {
  auto scale = grid_of_blocks(group, scales, codes);
  if (!scale) return std::move(scale).error();
  format = cat("torchao ", stored.dtype == DType::i8 ? "INT8" : "FP8", layout_of(*scale, codes));
  const Numbers plain = plain_numbers(stored, codes.all_rows(), codes.columns);
  const Tensor* zeros = group.find("_zero_point");
  if (zeros == nullptr) return scaled(plain, Formula::times, *scale);
  if (zeros->shape != scales.shape || !has_number_value(zeros->dtype)) {
    return group.unsuitable(*zeros, "the shape of the scales");
  }
  auto zero = grid_of_blocks(group, *zeros, codes);
  if (!zero) return std::move(zero).error();
  return scaled(plain, Formula::shifted, *scale, *zero);
}

// Two signed codes in a byte, low half first; scales and offsets [groups, rows]: q * s + z.
Result<Numbers> packed_int4(QuantisedGroup& group, const Tensor& stored,
                            const BlockedExtents& bytes, const Tensor& scales,
                            std::string& format) {
  auto zeros = group.need("_zero_point");
  if (!zeros) return std::move(zeros).error();
  const BlockedExtents codes{bytes.experts, bytes.rows, 2 * bytes.columns};
  const auto grid = blocked_extents(scales);
  if (!grid || grid->experts != codes.experts || grid->columns != codes.rows ||
      codes.columns % grid->rows != 0) {
    return group.unsuitable(scales, cat("[groups of ", codes.columns, ", ", codes.rows, "]"));
  }
  if (!is_float(**zeros) || (*zeros)->shape != scales.shape) {
    return group.unsuitable(**zeros, "the shape of the scales");
  }
  const uint64_t each = codes.columns / grid->rows;
  format = cat("torchao INT4, group ", each);
  const auto by_row = [&](const Tensor& tensor) {
    return Grid{transposed(plain_numbers(tensor, grid->all_rows(), grid->columns), grid->experts),
                1, each};
  };
  const Numbers values =
      looked_up(packed_along_rows(stored, 4, codes.all_rows(), codes.columns, codes.columns * 4),
                listed_numbers({0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1}));
  return scaled(values, Formula::times_plus, by_row(scales), by_row(**zeros));
}

// Int4 has scales [groups, rows] and offsets of their type, the unpacked types [rows, groups].
bool is_packed_int4(const QuantisedGroup& group, const Tensor& stored, const Tensor& scales,
                    const Tensor* zeros) {
  if (has_type(stored, {DType::u8})) return true;
  if (!has_type(stored, {DType::i8}) || zeros == nullptr || zeros->dtype != scales.dtype) {
    return false;
  }
  const auto bytes = blocked_extents(stored), grid = blocked_extents(scales);
  if (!bytes || !grid || grid->columns != bytes->rows) return false;
  const bool is_unpacked = bytes->rows % grid->rows == 0 && bytes->columns % grid->columns == 0;
  return !is_unpacked || group.config().kind.starts_with("Int4");
}

Status check_layout(const QuantisedGroup& group, const Tensor& stored) {
  if (group.has("_scale_and_zero") || group.has("_group_scale") || group.has("_sparse_metadata")) {
    return group.unsupported("torchao weights in the memory order of a GPU kernel are not read");
  }
  if (!has_type(stored, {DType::i8, DType::u8, DType::f8_e4m3, DType::f8_e5m2})) {
    return group.unsupported("torchao weights stored as ", to_string(stored.dtype),
                             " are not read");
  }
  return {};
}

}  // namespace

Result<std::optional<LogicalTensor>> make_torchao(QuantisedGroup& group) {
  const auto name = plain_name(group.prefix());
  if (!name) return std::optional<LogicalTensor>();
  const Tensor& stored = *group.find("_qdata");
  if (auto status = check_layout(group, stored); !status) return std::move(status).error();
  auto scales = group.need("_scale");
  if (!scales) return std::move(scales).error();
  const auto extents = blocked_extents(stored);
  if (!extents) return group.unsuitable(stored, "a matrix");
  if (!has_type(**scales, {DType::f32, DType::f16, DType::bf16})) {
    return group.unsupported("torchao's MX and NVFP4 formats are not read");
  }
  const bool packed = is_packed_int4(group, stored, **scales, group.find("_zero_point"));
  std::string format;
  auto values = packed ? packed_int4(group, stored, *extents, **scales, format)
                       : unpacked(group, stored, *extents, **scales, format);
  if (!values) return std::move(values).error();
  std::vector<uint64_t> shape = stored.shape;
  if (packed) shape.back() *= 2;
  group.also("_act_quant_scale");
  group.also("_act_quant_zero_point");
  // Inputs are multiplied by these numbers, which is the same as columns that are.
  if (const Tensor* inputs = group.find("_act_pre_scale")) {
    if (!is_float(*inputs) || inputs->elements() != shape.back()) {
      return group.unsuitable(*inputs, "a number for each input");
    }
    values =
        scaled(*values, Formula::times, {plain_numbers(*inputs, 1, shape.back()), UINT64_MAX, 1});
  }
  return std::optional(LogicalTensor{*name, shape, format, *values});
}

}  // namespace wmk::checkpoint
