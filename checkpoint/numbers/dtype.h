// Element types of stored tensors, by their safetensors names.
//
// Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wmk::checkpoint {

// In the order of the reference reader (specs/checkpoint.md).
enum class DType : uint8_t {
  boolean,
  f4,
  f6_e2m3,
  f6_e3m2,
  u8,
  i8,
  f8_e5m2,
  f8_e4m3,
  f8_e8m0,
  f8_e4m3fnuz,
  f8_e5m2fnuz,
  i16,
  u16,
  f16,
  bf16,
  i32,
  u32,
  f32,
  c64,
  f64,
  i64,
  u64,
};

std::string_view to_string(DType type);                   // "BF16"
std::optional<DType> parse_dtype(std::string_view name);  // case-sensitive
unsigned bits(DType type);

// F32, F16, BF16, F8_E4M3 and F8_E5M2: types of weights that can be widened to float and rounded
// back.
bool is_weight_type(DType type);

}  // namespace wmk::checkpoint
