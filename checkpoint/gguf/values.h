// The key-value part of a GGUF header.
//
// Purpose: keeps scalars, short lists of integers and the tokens; other values are checked and
// skipped. Lifetime: owns its text. Thread-safety: immutable once read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "checkpoint/gguf/cursor.h"

namespace wmk::checkpoint {

inline constexpr std::string_view kGgufTokens = "tokenizer.ggml.tokens";
inline constexpr std::string_view kGgufTokenTypes = "tokenizer.ggml.token_type";

// The numbers are those of the format.
enum class GgufKind : uint32_t {
  u8,
  i8,
  u16,
  i16,
  u32,
  i32,
  f32,
  boolean,
  text,
  list,
  u64,
  i64,
  f64
};

// Negative numbers are kept as two's complement.
struct GgufValue {
  GgufKind kind = GgufKind::u8;
  std::variant<std::monostate, uint64_t, double, std::string, std::vector<uint64_t>,
               std::vector<std::string>>
      value;
};

class GgufValues {
 public:
  // Reads `count` pairs. Malformed: a repeated key, a list of lists, a bool other than 0 and 1.
  static Result<GgufValues> read(GgufCursor& cursor, uint64_t count);

  const GgufValue* find(std::string_view key) const;
  // A value of another type counts as missing.
  std::optional<uint64_t> whole(std::string_view key) const;
  std::optional<std::string_view> text(std::string_view key) const;
  const std::vector<uint64_t>* wholes(std::string_view key) const;
  const std::vector<std::string>* texts(std::string_view key) const;

 private:
  std::unordered_map<std::string, GgufValue> values_;
};

}  // namespace wmk::checkpoint
