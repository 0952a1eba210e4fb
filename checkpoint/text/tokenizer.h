// The strings of a tokenizer: labels of the embedding's rows (specs/mark.md, frame).
//
// Purpose: every file format of one tokenizer gives the same labels, apart from tokens that a
// format cannot name. The format is recognised by content (specs/checkpoint.md 8). Lifetime: plain
// values. Thread-safety: pure functions; they read the file system.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "checkpoint/text/token_bytes.h"

namespace wmk::checkpoint {

struct Vocabulary {
  std::string source;                // name of the file, "GGUF", or empty: none found
  std::vector<std::string> strings;  // by row, bytes; "#<row>" for rows without a token
  uint64_t named = 0;                // rows that have a token
  uint64_t beyond = 0;               // tokens whose id is `rows` or more (ignored)
  std::string fault = {};            // why a tokenizer that is there was not read; else empty
};

// Tokens of a weights file that has them itself, by row.
struct SpelledTokens {
  enum class Kind : uint8_t { none, plain, special };  // none: a row without a token
  std::vector<std::string> strings;
  std::vector<Kind> kinds;  // as many as strings
  TokenDecoder decoder;     // of plain tokens
};

struct LabelOptions {
  LabelRule rule = LabelRule::declared;
  // Of equal keys the last counts, as for the programs that run the model; else they are an error.
  bool lenient = false;
};

// An embedding of width 0 can claim any number of rows without a byte in the file.
inline constexpr uint64_t kVocabularyRowsMax = 1ull << 24;

// Labels of the first `rows` ids from one file: tokenizer.json, vocab.json (byte-level where
// merges.txt lies beside it), tekken.json, tiktoken or SentencePiece. tokenizer_config.json names
// tokens that the file lacks. Errors name the file.
Result<Vocabulary> read_tokenizer_file(const std::filesystem::path& folder, const std::string& name,
                                       uint64_t rows, LabelOptions options = {});

// From the first of tokenizer_files(folder). Without any such file there is no source and every
// label is "#<row>". Error: tokenizer_config.json selects a file that is not there.
Result<Vocabulary> read_vocabulary(const std::filesystem::path& folder, uint64_t rows,
                                   LabelOptions options = {});

// The same for tokens inside a weights file.
Result<Vocabulary> label_rows(const SpelledTokens& tokens, uint64_t rows, std::string_view source,
                              LabelRule rule = LabelRule::declared);

// "#0", "#1", ...
std::string id_label(uint64_t row);

}  // namespace wmk::checkpoint
