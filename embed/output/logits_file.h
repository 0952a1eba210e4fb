// Files of logits: rows are texts, columns are tokens (specs/output.md 5).
//
// Purpose: reads .npy files and safetensors files as one matrix, part by part. Lifetime: owns the
// open files. Thread-safety: immutable after opening; read() may run concurrently.
#pragma once

#include <filesystem>
#include <vector>

#include "base/file.h"
#include "checkpoint/numbers/dtype.h"
#include "checkpoint/text/tokenizer.h"

namespace wmk::embed {

inline constexpr uint64_t kLogitRowsMax = 16384;
inline constexpr uint64_t kLogitColumnsMax = 1ull << 21;

class Logits {
 public:
  // .npy: a matrix of f32 or f16. safetensors: the tensor `logits` (F32, F16 or BF16) and, where it
  // has a part of the columns, `token_ids` (I32 or I64). Several files are stacked; their columns
  // must agree. Errors name the file.
  static Result<Logits> open(const std::vector<std::filesystem::path>& files);

  uint64_t rows() const { return rows_; }
  uint64_t columns() const { return columns_; }
  // The token of each column; empty: column j is token j.
  const std::vector<uint32_t>& token_ids() const { return token_ids_; }
  // "logits.npy, row 3": where a row is, for errors.
  std::string place_of(uint64_t row) const;

  // Rows [first_row, first_row + rows) of the columns [first, first + count), as stored: rows x
  // count.
  Status read(uint64_t first_row, uint64_t rows, uint64_t first, uint64_t count, Bytes& raw,
              float* out) const;

 private:
  struct Part {
    ReadFile file;
    checkpoint::DType dtype;
    uint64_t rows, columns, offset;
    std::vector<uint32_t> token_ids;
  };
  static Result<Part> open_part(const std::filesystem::path& path);
  static Result<Part> open_npy(ReadFile file);
  static Result<Part> open_tensors(ReadFile file);
  const Part& part_of(uint64_t& row) const;

  std::vector<Part> parts_;
  std::vector<uint32_t> token_ids_;
  uint64_t rows_ = 0, columns_ = 0;
};

// The labels of the columns, by the tokenizer of a folder. Errors: no tokenizer; fewer columns than
// tokens where the file has no token_ids.
Result<std::vector<std::string>> logit_labels(const Logits& logits,
                                              const std::filesystem::path& tokenizer);

}  // namespace wmk::embed
