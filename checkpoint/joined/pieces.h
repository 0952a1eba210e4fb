// Tensors that are stored in pieces: several places, files or ranks that together make one matrix.
//
// Purpose: formats of training (torch.distributed, Megatron, MindSpore) cut a tensor into parts. A
// reader describes where each part belongs, and this makes one tensor of them, checked: every
// element is in exactly one piece. Lifetime: plain values. Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "checkpoint/numbers/encoding.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

inline constexpr size_t kPiecesMax = 1'000'000;           // of one tensor
inline constexpr size_t kPieceCrossingsMax = 16'000'000;  // pieces x bands of rows that they cross

// Rows and columns as in Rectangle; none: the number of elements (or of their bytes) overflows.
std::optional<std::pair<uint64_t, uint64_t>> matrix_extents(const std::vector<uint64_t>& shape);

// One piece: `place` in the whole, which begins at this element of the source.
struct Piece {
  Rectangle place;
  uint32_t source = 0;  // index into Whole::sources
  uint64_t first_row = 0, first_column = 0;
};

struct Whole {
  std::string name;
  std::vector<uint64_t> shape;
  DType dtype = DType::f32;  // of all sources
  std::vector<Tensor> sources;
  std::vector<Piece> pieces;
};

// A tensor that lies in one place of its file is plain; any other is read as F32. Error
// (malformed): pieces overlap, leave a hole or reach out of their tensor; (unsupported): several
// pieces of a type without float values. The name of the tensor is not in the message.
Result<Tensor> join_pieces(Whole&& whole);

// Adds `count` elements in a row, from element `first` of the whole on, which are stored at byte
// `offset` of `file`: at most three pieces. The elements lie inside the shape.
void add_run(Whole& whole, uint64_t first, uint64_t count, uint32_t file, uint64_t offset);

// Whether several pieces of this type can be joined.
bool is_joinable(const Whole& whole);

}  // namespace wmk::checkpoint
