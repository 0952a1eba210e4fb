// UTF-8: the one place that encodes and decodes it.
//
// Thread-safety: pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace wmk {

bool is_utf8(std::string_view text);
// Length in bytes of the valid sequence at the start of `text` (not empty), or 0. Overlong forms,
// surrogates and code points above U+10FFFF are invalid.
size_t utf8_sequence_length(std::string_view text);
// The code point of one valid sequence.
char32_t decode_utf8(std::string_view sequence);
// Writes one code point to `to` (up to 4 bytes) and returns the end of what was written.
char* encode_utf8(char32_t point, char* to);

}  // namespace wmk
