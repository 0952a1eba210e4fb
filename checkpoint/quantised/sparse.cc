#include "checkpoint/quantised/sparse.h"

#include "checkpoint/matrices/sparse_numbers.h"

namespace wmk::checkpoint {

namespace {

// ".shape": two numbers, as one row or one column.
Result<std::pair<uint64_t, uint64_t>> dense_shape(QuantisedGroup& group) {
  auto shape = group.need(".shape");
  if (!shape) return std::move(shape).error();
  if (!has_type(**shape, {DType::i64}) || (*shape)->elements() != 2) {
    return group.unsuitable(**shape, "I64 [2]");
  }
  const auto bytes = group.bytes_of(**shape);
  if (!bytes) return bytes.error();
  const auto out = load_le<int64_t>(bytes->data()), in = load_le<int64_t>(bytes->data() + 8);
  if (out <= 0 || in <= 0) return group.malformed("has the shape [", out, ", ", in, "]");
  return std::pair{static_cast<uint64_t>(out), static_cast<uint64_t>(in)};
}

}  // namespace

// The mask has a bit for each element, which limits what a file can claim.
Result<SparseMatrix> sparse_matrix(QuantisedGroup& group) {
  auto stored = group.need(".compressed");
  if (!stored) return std::move(stored).error();
  auto mask = group.need(".bitmask");
  if (!mask) return std::move(mask).error();
  const auto shape = dense_shape(group);
  if (!shape) return shape.error();
  const auto [out, in] = *shape;
  const Tensor& values = **stored;
  if (!has_type(**mask, {DType::u8}) || (*mask)->shape != std::vector{out, ceil_div(in, 8)}) {
    return group.unsuitable(**mask, cat("U8 [", out, ", ", ceil_div(in, 8), "]"));
  }
  if (!is_float(values) && !has_type(values, {DType::i8})) {
    return group.unsuitable(values, "a floating type or I8");
  }
  RowStarts starts;
  if (values.shape.size() == 2) {
    if (in % 4 != 0 || values.shape != std::vector{out, in / 2}) {
      return group.unsuitable(values, cat("two of each four elements of [", out, ", ", in, "]"));
    }
    starts.each = in / 2;
  } else {
    auto offsets = group.need(".row_offsets");
    if (!offsets) return std::move(offsets).error();
    if (!has_type(**offsets, {DType::i64}) || (*offsets)->shape != std::vector{out}) {
      return group.unsuitable(**offsets, cat("I64 [", out, "]"));
    }
    if (values.shape.size() != 1) return group.unsuitable(values, "a list of values");
    starts.list = RowStarts::List{(*offsets)->file, (*offsets)->offset};
  }
  const BitMask bits{(*mask)->file, (*mask)->offset, out, in};
  return SparseMatrix{&values, out, in, starts.list ? "sparse" : "sparse 2:4",
                      sparse_numbers(plain_numbers(values, 1, values.elements()), bits, starts)};
}

// Sparse numbers with scales are make_scaled()'s.
Result<std::optional<LogicalTensor>> make_sparse(QuantisedGroup& group) {
  if (!group.has(".compressed") || group.has(".weight_scale")) {
    return std::optional<LogicalTensor>();
  }
  auto sparse = sparse_matrix(group);
  if (!sparse) return std::move(sparse).error();
  if (!is_float(*sparse->stored)) return group.unsuitable(*sparse->stored, "a floating type");
  return std::optional(LogicalTensor{group.prefix() + ".weight",
                                     {sparse->out, sparse->in},
                                     cat(to_string(sparse->stored->dtype), ", ", sparse->structure),
                                     std::move(sparse->values)});
}

}  // namespace wmk::checkpoint
