// NumPy's array files (.npy), as far as logits need them (specs/output.md 5).
//
// Purpose: a strict reader of the header: one matrix of floats, row by row. Files with Python
// objects (pickles) are refused. Thread-safety: pure functions; they read the file.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/file.h"
#include "checkpoint/numbers/dtype.h"

namespace wmk::checkpoint {

inline constexpr uint64_t kNpyHeaderBytesMax = 64u << 10;

struct NpyMatrix {
  DType dtype = DType::f32;  // f32 or f16
  uint64_t rows = 0, columns = 0;
  uint64_t offset = 0;  // of the first number; they end with the file
};

// Whether the file begins like one of NumPy's.
bool is_npy(ByteView first_bytes);
inline constexpr size_t kNpyMagicBytes = 6;

// Versions 1 to 3. Errors (malformed, unsupported) say what is wrong; the caller names the file.
Result<NpyMatrix> read_npy_header(const ReadFile& file);

}  // namespace wmk::checkpoint
