#include "checkpoint/distributed/boxes.h"

#include <utility>

#include "base/text.h"

namespace wmk::checkpoint {
namespace {

// Of the leading extents (all but the last), those from `inner` on are whole but for the first of
// them, so that its rows are in one run.
size_t first_inner(const std::vector<uint64_t>& shape, const std::vector<uint64_t>& extents) {
  size_t inner = shape.size() < 2 ? 0 : shape.size() - 2;
  while (inner > 0 && extents[inner] == shape[inner]) --inner;
  return inner;
}

Status check_box(const Whole& whole, const std::vector<uint64_t>& offsets,
                 const std::vector<uint64_t>& extents) {
  const auto& shape = whole.shape;
  if (offsets.size() != shape.size() || extents.size() != shape.size()) {
    return malformed("a chunk has another number of dimensions");
  }
  for (size_t i = 0; i < shape.size(); ++i) {
    if (offsets[i] > shape[i] || extents[i] > shape[i] - offsets[i]) {
      return malformed(cat("its chunk ", shape_text(offsets), " reaches out of the tensor"));
    }
  }
  return {};
}

}  // namespace

Status add_box(Whole& whole, const std::vector<uint64_t>& offsets, Tensor&& stored) {
  const std::vector<uint64_t> extents = stored.shape;
  if (auto status = check_box(whole, offsets, extents); !status) return status;
  if (!matrix_extents(whole.shape)) return malformed("its size overflows");
  const auto& shape = whole.shape;
  const auto source = static_cast<uint32_t>(whole.sources.size());
  whole.sources.push_back(std::move(stored));
  const size_t rank = shape.size();
  if (rank < 2) {
    whole.pieces.push_back({{0, 1, rank ? offsets[0] : 0, rank ? extents[0] : 1}, source, 0, 0});
    return {};
  }
  const size_t inner = first_inner(shape, extents);
  uint64_t below = 1;  // rows for each step of the inner extent
  for (size_t i = inner + 1; i + 1 < rank; ++i) below *= shape[i];
  uint64_t runs = 1;
  for (size_t i = 0; i < inner; ++i) runs *= extents[i];
  if (runs > kPiecesMax - std::min(kPiecesMax, whole.pieces.size())) {
    return Error(ErrorCode::limit_exceeded, cat("more than ", kPiecesMax, " pieces"));
  }
  const uint64_t rows = extents[inner] * below;
  for (uint64_t run = 0; run < runs; ++run) {
    uint64_t row = offsets[inner] * below, step = shape[inner] * below, rest = run;
    for (size_t i = inner; i-- > 0;) {
      row += (offsets[i] + rest % extents[i]) * step;
      rest /= extents[i];
      step *= shape[i];
    }
    whole.pieces.push_back(
        {{row, rows, offsets[rank - 1], extents[rank - 1]}, source, run * rows, 0});
  }
  return {};
}

}  // namespace wmk::checkpoint
