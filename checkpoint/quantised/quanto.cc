// optimum-quanto: "P.weight._data" with "P.weight._scale", or "P.weight._data._data" with
// "P.weight._scale" and "P.weight._shift" (specs/quantised.md 12).
#include <algorithm>
#include <array>

#include "checkpoint/matrices/packed_numbers.h"
#include "checkpoint/matrices/scaled_numbers.h"
#include "checkpoint/quantised/group.h"

namespace wmk::checkpoint {

namespace {

// Last part of the names of modules whose outputs go into the residual stream.
constexpr std::array<std::string_view, 13> kIntoStream = {
    "down_proj", "o_proj", "out_proj", "fc2",     "c_proj",   "dense_4h_to_h", "dense",
    "wo",        "w2",     "fc_out",   "fc_down", "attn_out", "ff_out"};

constexpr std::array<std::string_view, 5> kEmbeddings = {
    "embed_tokens.weight", "wte.weight", "word_embeddings.weight", "embed_in.weight",
    "tok_embeddings.weight"};

void quanto_activations(QuantisedGroup& group) {
  group.also(".input_scale");
  group.also(".output_scale");
}

// The width of the model, from its embedding or config.json; 0: unknown.
uint64_t width_of(const QuantisedGroup& group) {
  for (const Tensor& tensor : group.all()) {
    for (const std::string_view name : kEmbeddings) {
      if (tensor.name.ends_with(name) && is_matrix(tensor)) return tensor.shape[1];
    }
  }
  return group.config().hidden_size.value_or(0);
}

// Groups follow each other through the matrix, whose shape is stored nowhere.
Result<uint64_t> columns_of(QuantisedGroup& group, uint64_t elements, uint64_t group_size) {
  const uint64_t width = width_of(group);
  const std::string& module = group.prefix();
  const std::string_view last = std::string_view(module).substr(module.rfind('.') + 1);
  if (width != 0 && elements % width == 0) {
    const bool into_stream =
        std::find(kIntoStream.begin(), kIntoStream.end(), last) != kIntoStream.end();
    const uint64_t columns = into_stream ? elements / width : width;
    if (columns % group_size == 0) return columns;
  }
  return group.malformed("has ", elements, " weights in groups of ", group_size,
                         ", which do not make a matrix of a model of width ", width);
}

}  // namespace

Result<std::optional<LogicalTensor>> make_quanto_bytes(QuantisedGroup& group) {
  const Tensor& codes = *group.find(".weight._data");
  auto scales = group.need(".weight._scale");
  if (!scales) return std::move(scales).error();
  if (!is_matrix(codes) || !has_type(codes, {DType::i8, DType::f8_e4m3, DType::f8_e5m2,
                                             DType::f8_e4m3fnuz, DType::f8_e5m2fnuz})) {
    return group.unsuitable(codes, "a matrix of I8 or F8");
  }
  const uint64_t out = codes.shape[0], in = codes.shape[1];
  const bool one = (*scales)->elements() == 1;
  if (!is_float(**scales) || (!one && (*scales)->elements() != out)) {
    return group.unsuitable(**scales, cat("a scale for each of ", out, " rows"));
  }
  quanto_activations(group);
  const Grid grid = one ? everywhere(plain_numbers(**scales, 1, 1))
                        : Grid{plain_numbers(**scales, out, 1), 1, UINT64_MAX};
  return std::optional(LogicalTensor{group.prefix() + ".weight",
                                     {out, in},
                                     codes.dtype == DType::i8 ? "quanto INT8" : "quanto FP8",
                                     scaled(plain_numbers(codes, out, in), Formula::times, grid)});
}

Result<std::optional<LogicalTensor>> make_quanto_bits(QuantisedGroup& group) {
  const Tensor& codes = *group.find(".weight._data._data");
  std::array<const Tensor*, 2> grids{};
  for (size_t i = 0; i < 2; ++i) {
    auto tensor = group.need(i == 0 ? ".weight._scale" : ".weight._shift");
    if (!tensor) return std::move(tensor).error();
    grids[i] = *tensor;
  }
  const auto [scales, shifts] = grids;
  if (!is_matrix(codes) || !has_type(codes, {DType::u8})) {
    return group.unsuitable(codes, "U8 [rows of groups, group]");
  }
  const uint64_t groups = scales->elements(), each = codes.shape[1];
  const unsigned bits = ceil_div(groups, 2) == codes.shape[0]   ? 4
                        : ceil_div(groups, 4) == codes.shape[0] ? 2
                                                                : 0;
  if (!is_float(*scales) || groups == 0 || bits == 0) {
    return group.unsuitable(*scales,
                            cat("a scale for each of ", codes.shape[0], " * 2 or 4 groups"));
  }
  if (!has_number_value(shifts->dtype) || shifts->elements() != groups) {
    return group.unsuitable(*shifts, cat("a shift for each of ", groups, " groups"));
  }
  const auto elements = checked_product(groups, each);
  if (!elements) return group.malformed("its size does not fit 64 bits");
  const auto columns = columns_of(group, *elements, each);
  if (!columns) return columns.error();
  quanto_activations(group);
  // Aligned to rows, so that parts of rows can be read.
  const uint64_t rows = *elements / *columns, in_row = *columns / each;
  const auto grid = [&](Numbers numbers) { return Grid{std::move(numbers), 1, each}; };
  const Numbers stored = packed_over_each_other(codes, {bits, 8 / bits, 1, true}, rows, *columns);
  const Grid scale = grid(plain_numbers(*scales, rows, in_row));
  const Numbers shift = plain_numbers(*shifts, rows, in_row);
  // q * s - shift, or (q - shift) * s for whole numbers.
  const Numbers values =
      is_float(*shifts)
          ? scaled(stored, Formula::times_plus, scale,
                   grid(scaled(shift, Formula::times, everywhere(constant_numbers(-1)))))
          : scaled(stored, Formula::shifted, scale, grid(shift));
  return std::optional(LogicalTensor{group.prefix() + ".weight",
                                     {rows, *columns},
                                     cat("quanto INT", bits, ", group ", each),
                                     values});
}

}  // namespace wmk::checkpoint
