// Tokenizers that hold the bytes of each token in base64, with a rank: tiktoken and tekken.
//
// Thread-safety: pure functions. Errors do not name the file.
#pragma once

#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "checkpoint/text/label_collector.h"

namespace wmk::checkpoint {

// A million tokens take less.
inline constexpr uint64_t kTiktokenBytesMax = 64ull << 20;

// Whether the first line that is not empty is "<base64> <rank>".
bool is_tiktoken(std::string_view text);

// Lines "<base64> <rank>"; the id is the rank. Special tokens are not in the file.
Status read_tiktoken(std::string_view text, LabelCollector& labels);

// tekken.json: ids begin with the special tokens, which the file lists or which the first versions
// of the format imply; then the id is the rank plus their number.
Status read_tekken(const json::Value& root, LabelCollector& labels);

}  // namespace wmk::checkpoint
