// Codes of 1 to 8 bits packed into bytes or words, as matrices of whole numbers.
//
// Purpose: every packing that quantised checkpoints use, each once (specs/quantised.md 3).
// Lifetime and thread-safety: those of NumberMatrix.
#pragma once

#include "checkpoint/quantised/number_matrix.h"

namespace wmk::checkpoint {

// Codes that follow each other along a row, least significant bits first, without gaps:
// element c of row r is bits [c * bits, ...) of the row, whose next one begins `row_bits` later.
Numbers packed_along_rows(const Tensor& tensor, unsigned bits, uint64_t rows, uint64_t columns,
                          uint64_t row_bits);

// Words of 32 bits with floor(32 / bits) codes each and unused bits on top.
Numbers packed_in_words(const Tensor& tensor, unsigned bits, uint64_t rows, uint64_t columns);

// Codes of 4 bits along the rows without gaps, the high half of a byte first.
Numbers packed_high_first(const Tensor& tensor, uint64_t rows, uint64_t columns);

// Words of 32 bits stand for codes below each other: element r of column c is bits
// [r * bits, ...) of the column of words, least significant bits first. `gaps`: no code straddles
// two words.
Numbers packed_along_columns(const Tensor& tensor, unsigned bits, uint64_t rows, uint64_t columns,
                             bool gaps);

// AWQ: words of 32 bits along the rows, whose element c % 8 is half-byte {0,4,1,5,2,6,3,7}[c % 8].
Numbers packed_awq(const Tensor& tensor, uint64_t rows, uint64_t columns);

// HQQ: the numbers of the whole matrix in `parts` equal runs that lie over each other, the first in
// the highest bits of words of `word_bytes` (1 or 4), the last in the lowest. The last may be
// longer than what is left of the matrix.
Numbers packed_over_each_other(const Tensor& tensor, unsigned bits, unsigned parts,
                               unsigned word_bytes, uint64_t rows, uint64_t columns);

}  // namespace wmk::checkpoint
