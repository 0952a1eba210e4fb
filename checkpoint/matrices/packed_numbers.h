// Codes of 1 to 8 bits packed into bytes or words, as matrices of integers.
//
// Purpose: all packings that quantised checkpoints use (specs/quantised.md 3). Lifetime and
// thread-safety: see NumberMatrix.
#pragma once

#include "checkpoint/matrices/number_matrix.h"

namespace wmk::checkpoint {

// Codes along a row without gaps, least significant bits first: element c of a row is bits
// [c * bits, ...) of it. The next row begins `row_bits` later.
Numbers packed_along_rows(const Tensor& tensor, unsigned bits, uint64_t rows, uint64_t columns,
                          uint64_t row_bits);

// Words of 32 bits with floor(32 / bits) codes each and unused bits on top.
Numbers packed_in_words(const Tensor& tensor, unsigned bits, uint64_t rows, uint64_t columns);

// Codes of 4 bits along the rows without gaps, high half of a byte first.
Numbers packed_high_first(const Tensor& tensor, uint64_t rows, uint64_t columns);

// Codes of 4 bits: a byte has those of one column in two rows, the first row in its low half.
Numbers packed_in_row_pairs(const Tensor& tensor, uint64_t rows, uint64_t columns);

// Words of 32 bits that hold codes of one column: element r of column c is bits [r * bits, ...) of
// the column of words, least significant bits first. `gaps`: no code is split between two words.
Numbers packed_along_columns(const Tensor& tensor, unsigned bits, uint64_t rows, uint64_t columns,
                             bool gaps);

// AWQ: words of 32 bits along the rows, whose element c % 8 is half-byte {0,4,1,5,2,6,3,7}[c % 8].
Numbers packed_awq(const Tensor& tensor, uint64_t rows, uint64_t columns);

// HQQ and quanto: the numbers of the whole matrix in `parts` equal runs that share words of
// `word_bytes` (1 or 4): the first run has the highest bits of each word and the last the lowest,
// or the other way round. The last run may be longer than the rest of the matrix.
struct RunPacking {
  unsigned bits, parts, word_bytes;
  bool lowest_first = false;
};
Numbers packed_over_each_other(const Tensor& tensor, const RunPacking& packing, uint64_t rows,
                               uint64_t columns);

}  // namespace wmk::checkpoint
