// Bytes with scales: FP8 with blocks, channels or one scale, and INT8 (specs/quantised.md 5).
#include "checkpoint/matrices/scaled_numbers.h"
#include "checkpoint/quantised/sparse.h"

namespace wmk::checkpoint {

namespace {

constexpr uint64_t kDefaultBlock = 128;  // if config.json does not give it

// A matrix of bytes, experts stacked, or a sparse matrix: [out, in] or [experts, out, in].
struct Codes {
  const Tensor* tensor = nullptr;  // as stored
  std::string name;                // of the logical tensor
  std::vector<uint64_t> shape;
  Numbers values;
  std::string structure = {};  // ", sparse 2:4"
  uint64_t experts() const { return shape.size() == 3 ? shape[0] : 1; }
  uint64_t out() const { return shape[shape.size() - 2]; }
  uint64_t in() const { return shape.back(); }
  uint64_t rows() const { return experts() * out(); }
};

bool holds_codes(const Tensor& tensor) {
  return has_type(
      tensor, {DType::i8, DType::f8_e4m3, DType::f8_e5m2, DType::f8_e4m3fnuz, DType::f8_e5m2fnuz});
}

Result<std::optional<Codes>> codes_of(QuantisedGroup& group) {
  if (group.has(".compressed") && group.has(".bitmask") && !group.has(".weight")) {
    auto sparse = sparse_matrix(group);
    if (!sparse) return std::move(sparse).error();
    if (!holds_codes(*sparse->stored)) return group.unsuitable(*sparse->stored, "I8 or F8");
    return std::optional(Codes{sparse->stored,
                               group.prefix() + ".weight",
                               {sparse->out, sparse->in},
                               std::move(sparse->values),
                               cat(", ", sparse->structure)});
  }
  const Tensor* tensor = group.has(".weight") ? group.find(".weight") : group.find("");
  if (tensor == nullptr || !holds_codes(*tensor)) return std::optional<Codes>();
  const auto& shape = tensor->shape;
  if ((shape.size() != 2 && shape.size() != 3) || tensor->elements() == 0) {
    return std::optional<Codes>();
  }
  const uint64_t rows = tensor->elements() / shape.back();
  return std::optional(
      Codes{tensor, tensor->name, shape, plain_numbers(*tensor, rows, shape.back())});
}

std::string_view kind(const Tensor& tensor) { return tensor.dtype == DType::i8 ? "INT8" : "FP8"; }

std::optional<LogicalTensor> logical(const Codes& codes, std::string_view layout, Numbers values) {
  return LogicalTensor{codes.name, codes.shape, cat(kind(*codes.tensor), layout, codes.structure),
                       std::move(values)};
}

// Scales of blocks [rows, columns]; the last block in each direction may be smaller.
Result<Grid> block_grid(const QuantisedGroup& group, const Codes& codes, const Tensor& scales) {
  const auto& configured = group.config().block;
  const uint64_t rows = configured.empty() ? kDefaultBlock : configured[0];
  const uint64_t columns = configured.size() < 2 ? rows : configured[1];
  if (rows == 0 || columns == 0) return group.malformed("config.json says that blocks are empty");
  std::vector<uint64_t> wanted{ceil_div(codes.out(), rows), ceil_div(codes.in(), columns)};
  const uint64_t down = wanted[0] * codes.experts();
  if (codes.shape.size() == 3) wanted.insert(wanted.begin(), codes.experts());
  if (!is_float(scales) || scales.shape != wanted) {
    return group.unsuitable(scales, cat("a scale for each block of ", rows, " x ", columns));
  }
  if (codes.experts() > 1 && codes.out() % rows != 0) {
    return group.unsupported("blocks of ", rows, " rows do not divide the ", codes.out(),
                             " rows of an expert");
  }
  return Grid{plain_numbers(scales, down, wanted.back()), rows, columns};
}

// Scales of the whole tensor, of rows, of groups along a row, or of blocks.
Result<Grid> grid_of(const QuantisedGroup& group, const Codes& codes, const Tensor& scales,
                     std::string& layout) {
  if (!has_number_value(scales.dtype)) return group.unsuitable(scales, "a numeric type");
  if (scales.elements() == 1) {
    layout = ", one scale";
    return everywhere(plain_numbers(scales, 1, 1));
  }
  if (codes.experts() > 1 && scales.elements() == codes.experts()) {
    layout = ", scales of experts";
    return Grid{plain_numbers(scales, codes.experts(), 1), codes.out(), UINT64_MAX};
  }
  const auto& shape = scales.shape;
  const uint64_t last = shape.size() < codes.shape.size() ? 1 : shape.back();
  const bool by_row = last > 0 && scales.elements() == codes.rows() * last && last <= codes.in() &&
                      ceil_div(codes.in(), ceil_div(codes.in(), last)) == last;
  if (by_row) {
    const uint64_t each = ceil_div(codes.in(), last);
    layout = last == 1 ? ", scales of rows" : cat(", group ", each);
    return Grid{plain_numbers(scales, codes.rows(), last), 1, each};
  }
  layout = ", scales of blocks";
  return block_grid(group, codes, scales);
}

}  // namespace

Result<std::optional<LogicalTensor>> make_block_scaled(QuantisedGroup& group) {
  const auto found = codes_of(group);
  if (!found) return found.error();
  if (!*found) return std::optional<LogicalTensor>();
  const Codes& codes = **found;
  const Tensor* scales = group.find(".weight_scale_inv");
  if (scales == nullptr) scales = group.find("_scale_inv");
  std::string layout = ", scales of blocks";
  auto grid = scales->elements() == 1 ? grid_of(group, codes, *scales, layout)
                                      : block_grid(group, codes, *scales);
  if (!grid) return std::move(grid).error();
  group.also(".input_scale");
  group.also(".activation_scale");
  return logical(codes, layout, scaled(codes.values, Formula::times, *grid));
}

// compressed-tensors ("naive-", "int-" and "float-quantized"), fbgemm, ModelOpt and others.
Result<std::optional<LogicalTensor>> make_scaled(QuantisedGroup& group) {
  const auto found = codes_of(group);
  if (!found) return found.error();
  if (!*found) return std::optional<LogicalTensor>();
  const Codes& codes = **found;
  const Tensor* scales = group.find(".weight_scale");
  if (scales == nullptr) scales = group.find(".weight_scales");
  // MXFP8: powers of two, which some tools store as U8.
  Tensor typed = *scales;
  if (typed.dtype == DType::u8 && codes.tensor->dtype != DType::i8) typed.dtype = DType::f8_e8m0;
  scales = &typed;
  std::string layout;
  auto grid = grid_of(group, codes, *scales, layout);
  if (!grid) return std::move(grid).error();
  if (!is_float(*scales)) return group.unsuitable(*scales, "a floating type");
  for (const std::string_view activation :
       {".input_scale", ".input_zero_point", ".input_scale_ub", ".output_scale"}) {
    group.also(activation);
  }
  if (const Tensor* places = group.find(".weight_g_idx")) {
    if (!has_type(*places, {DType::i32}) || places->shape != std::vector{codes.in()}) {
      return group.unsuitable(*places, cat("I32 [", codes.in(), "]"));
    }
    grid->column_places = PlaceList{places->file, places->offset};
  }
  const Tensor* zeros = group.find(".weight_zero_point");
  if (zeros == nullptr || !group.config().uses_zero_points(group.prefix())) {
    return logical(codes, layout, scaled(codes.values, Formula::times, *grid));
  }
  std::string ignored;
  auto zero_grid = grid_of(group, codes, *zeros, ignored);
  if (!zero_grid) return std::move(zero_grid).error();
  if (zeros->shape != scales->shape) return group.unsuitable(*zeros, "the shape of the scales");
  zero_grid->column_places = grid->column_places;
  return logical(codes, layout, scaled(codes.values, Formula::shifted, *grid, *zero_grid));
}

}  // namespace wmk::checkpoint
