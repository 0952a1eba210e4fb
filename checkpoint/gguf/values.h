// The key-value part of a GGUF header.
//
// Purpose: what a GGUF file says of its model in words and numbers, of which we keep scalars, short
// lists of integers and the tokens. Lifetime: owns its text. Thread-safety: immutable once read.
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

// By their numbers on disk.
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

// Signed numbers are kept as their two's complement.
struct GgufValue {
  GgufKind kind = GgufKind::u8;
  std::variant<std::monostate, uint64_t, double, std::string, std::vector<uint64_t>,
               std::vector<std::string>>
      value;
};

class GgufValues {
 public:
  // Reads `count` pairs; a key twice, a list of lists, a bool other than 0 and 1 are malformed.
  static Result<GgufValues> read(GgufCursor& cursor, uint64_t count);

  const GgufValue* find(std::string_view key) const;
  // A value of another kind counts as absent.
  std::optional<uint64_t> whole(std::string_view key) const;
  std::optional<std::string_view> text(std::string_view key) const;
  const std::vector<uint64_t>* wholes(std::string_view key) const;
  const std::vector<std::string>* texts(std::string_view key) const;

 private:
  std::unordered_map<std::string, GgufValue> values_;
};

}  // namespace wmk::checkpoint
