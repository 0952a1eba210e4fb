// Tokenizers in JSON: tokenizer.json, tekken.json, vocab.json.
//
// Purpose: which of the three a file is follows from its members. Thread-safety: pure function.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "checkpoint/text/label_collector.h"

namespace wmk::checkpoint {

inline constexpr uint64_t kTokenizerBytesMax = 256ull << 20;

// `name` decides only where the content does not ("{}"). A {string: id} file is byte-level if
// `has_merges`. Errors do not name the file.
Status read_tokenizer_json(std::string text, std::string_view name, bool has_merges,
                           LabelCollector& labels);

}  // namespace wmk::checkpoint
