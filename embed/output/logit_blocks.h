// Logits in blocks of columns, cleaned: what both passes over them share.
//
// Purpose: a column that is constant, or minus infinity in a row, is not used and reads as zero;
// the others are centred row by row. Rows far longer or shorter than the median, or than 1, are
// divided by a power of two: the span is the same, and no scale overflows or drowns the others.
// Lifetime: refers to its logits; holds one block. Thread-safety: one caller; read() starts its own
// workers.
#pragma once

#include <optional>
#include <vector>

#include "embed/output/logits_file.h"

namespace wmk::embed {

class LogitBlocks {
 public:
  LogitBlocks(const Logits& logits, std::optional<double> softcap, unsigned threads);

  size_t blocks() const { return (logits_.columns() + block_columns_ - 1) / block_columns_; }
  uint64_t first(size_t block) const { return block * block_columns_; }
  uint64_t count(size_t block) const {
    return std::min(block_columns_, logits_.columns() - first(block));
  }

  // Reads a block. The first block that has used columns gives the rows' centre, if there is none
  // yet. Errors: NaN or infinity; logits beyond the softcap; reading.
  Status read(size_t block);
  // rows x count(block), and which columns are used.
  const std::vector<float>& values() const { return values_; }
  const std::vector<uint8_t>& used() const { return used_; }

  // What is subtracted from each row.
  std::vector<float>& centre() { return centre_; }
  // After all blocks: an Error where a row is constant or lists the top tokens alone.
  Status check_rows() const;

 private:
  // The smallest and the largest number of a row, and how often the commonest occurs.
  struct RowRange {
    float least = 0, most = 0, commonest = 0;
    uint64_t count = 0, equal = 0;
    void add(const float* values, size_t more);
  };
  Status read_row(uint64_t row, size_t block, Bytes& raw);
  void find_used(size_t columns);
  void centre_rows(size_t columns);

  const Logits& logits_;
  std::optional<double> softcap_;
  unsigned threads_;
  uint64_t block_columns_;
  std::vector<float> values_, centre_;
  std::vector<int> exponents_;  // of the rows' scales; set with the centre
  std::vector<uint8_t> used_;
  std::vector<RowRange> ranges_;
};

}  // namespace wmk::embed
