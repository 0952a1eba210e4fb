// The bytes that a token stands for: its label (specs/mark.md 3).
//
// Purpose: files of one tokenizer spell a token in different ways; its bytes are the same in all of
// them. Lifetime: a value. Thread-safety: immutable once made.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/json.h"

namespace wmk::checkpoint {

// Which decoder is used: the one that the file declares, or one of three that are tried in its
// place because a suspect's file may declare a wrong one.
enum class LabelRule { declared, byte_level, metaspace, as_spelled };
inline constexpr std::array kOtherLabelRules = {LabelRule::byte_level, LabelRule::metaspace,
                                                LabelRule::as_spelled};

class TokenDecoder {
 public:
  // As spelled.
  TokenDecoder() = default;
  // The alphabet of GPT-2 and its followers, in which each character is one byte.
  static TokenDecoder byte_level();
  // SentencePiece: `space` (U+2581) is a space, and <0xE4> is a byte.
  static TokenDecoder metaspace();
  // What the "decoder" of a tokenizer.json says: a step ByteLevel; a step Metaspace, or one that
  // replaces a string; a step ByteFallback. Other steps do not change the bytes of a single token.
  static TokenDecoder of(const json::Value& decoder);

  // Of a rule other than `declared`.
  static TokenDecoder by(LabelRule rule);

  std::string bytes_of(std::string_view spelling) const;

 private:
  bool byte_level_ = false;
  bool byte_fallback_ = false;
  std::string space_;  // empty: none
};

}  // namespace wmk::checkpoint
