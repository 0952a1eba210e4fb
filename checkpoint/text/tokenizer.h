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
  std::vector<std::string> strings;  // by row; rows without a token carry "#<row>"
  uint64_t named = 0;                // rows that have a token
  uint64_t beyond = 0;               // tokens whose id is not below `rows` (ignored)
};

// Strings of the first `rows` ids, as the tokenizer file spells them: tokenizer.json (BPE,
// WordPiece and word-level: an object; unigram: an array of [string, score]; then added_tokens over
// them), else vocab.json, else the pieces of tokenizer.model (SentencePiece), else no source and
// every label "#<row>". Ids that are no whole number: malformed.
Result<Vocabulary> read_vocabulary(const std::filesystem::path& folder, uint64_t rows);

// `strings` by row, from a container that has them itself; a row that is called by its id_label
// counts as one without a token. `source` names the container.
Result<Vocabulary> label_rows(const std::vector<std::string>& strings, uint64_t rows,
                              std::string_view source);

// "#0", "#1", ...
std::string id_label(uint64_t row);

}  // namespace wmk::checkpoint
