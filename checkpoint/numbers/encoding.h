// Tensors whose values are not stored as plain packed numbers.
//
// Purpose: quantised blocks, scaled integers and strided storages all answer one question: the
// values of a rectangle, as float. Everything above sees an F32 tensor (Tensor::encoding). One file
// for each format makes them: gguf_*, torch_*, quantised_*. Lifetime: shared by the tensors that
// need it; owns what it knows of its sidecars, refers to files by index. Thread-safety: immutable;
// decode() may run in parallel.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace wmk::checkpoint {

// A part of a tensor seen as a matrix: the last extent counts columns, all others together rows.
struct Rectangle {
  uint64_t first_row = 0;
  uint64_t rows = 0;
  uint64_t first_column = 0;
  uint64_t columns = 0;
};

class Encoding {
 public:
  virtual ~Encoding() = default;

  // "Q4_K", "GPTQ 4 bit"
  virtual std::string_view name() const = 0;
  // What the tensor takes in its files, sidecars included.
  virtual uint64_t stored_bytes() const = 0;
  // Fills `out` (rows x columns, row-major) with the values, bit-equal to the formula of the format
  // in f32 (specs/checkpoint.md). The caller checked that the rectangle lies inside the tensor.
  virtual Status decode(std::span<const ReadFile> files, const Rectangle& part,
                        std::span<float> out) const = 0;
};

}  // namespace wmk::checkpoint
