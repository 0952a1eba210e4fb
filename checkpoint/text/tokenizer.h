// The strings of a tokenizer: labels of the embedding's rows (specs/mark.md, frame).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wmk::checkpoint {

struct Vocabulary {
  std::string source;                // name of the file, "GGUF", or empty: none found
  std::vector<std::string> strings;  // by row, bytes; "#<row>" for rows without a token
  uint64_t named = 0;                // rows that have a token
  uint64_t beyond = 0;               // tokens whose id is `rows` or more (ignored)
  std::string fault = {};            // why a tokenizer that is there was not read; else empty
};

// Labels of the first `rows` ids: the bytes that each token stands for (token_bytes.h), special
// tokens as they are written. From tokenizer.json (BPE, WordPiece and word-level: an object;
// unigram: an array of [string, score]; added_tokens replace them), else vocab.json (byte-level
// where merges.txt lies beside it), else the pieces of tokenizer.model (SentencePiece). Without any
// of these files there is no source and every label is "#<row>". An id that is not a whole number
// is malformed.
Result<Vocabulary> read_vocabulary(const std::filesystem::path& folder, uint64_t rows);

// The same for a weights file that has the strings itself: `strings` by row. A string equal to the
// id_label of its row counts as a row without a token.
Result<Vocabulary> label_rows(const std::vector<std::string>& strings, uint64_t rows,
                              std::string_view source);

// "#0", "#1", ...
std::string id_label(uint64_t row);

}  // namespace wmk::checkpoint
