#include "checkpoint/text/tokenizer.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "checkpoint/text/added_tokens.h"
#include "checkpoint/text/label_collector.h"
#include "checkpoint/text/ranked_tokens.h"
#include "checkpoint/text/sentencepiece.h"
#include "checkpoint/text/tokenizer_files.h"
#include "checkpoint/text/tokenizer_json.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

Status check_rows(uint64_t rows) {
  if (rows <= kVocabularyRowsMax) return {};
  return Error(ErrorCode::limit_exceeded, cat("a vocabulary of ", rows, " rows"));
}

// By content; SentencePiece has no mark of its own.
Status read_content(std::string content, const fs::path& folder, std::string_view name,
                    bool lenient, LabelCollector& labels) {
  if (name.ends_with(".json") || content.starts_with('{')) {
    std::error_code ignored;
    const bool has_merges = fs::exists(folder / "merges.txt", ignored);
    return read_tokenizer_json(std::move(content), {name, has_merges, lenient}, labels);
  }
  if (name.ends_with(".tiktoken") || is_tiktoken(content)) return read_tiktoken(content, labels);
  labels.declare(TokenDecoder::metaspace());
  return read_sentencepiece(as_bytes(content),
                            [&](uint64_t id, std::string_view piece) { labels.put(id, piece); });
}

}  // namespace

std::string id_label(uint64_t row) { return cat("#", row); }

Result<Vocabulary> read_tokenizer_file(const fs::path& folder, const std::string& name,
                                       uint64_t rows, LabelOptions options) {
  if (auto status = check_rows(rows); !status) return std::move(status).error();
  const bool is_json = name.ends_with(".json");
  auto content =
      read_text(folder / name,
                is_json ? kTokenizerBytesMax : std::max(kTiktokenBytesMax, kSentencePieceBytesMax));
  if (!content) return std::move(content).error();
  LabelCollector labels(rows, options.rule);
  Status status = read_content(*std::move(content), folder, name, options.lenient, labels);
  if (!status) return std::move(status).error().within(escaped(name));
  name_added_tokens(folder, labels);
  return std::move(labels).finish(name);
}

Result<Vocabulary> read_vocabulary(const fs::path& folder, uint64_t rows, LabelOptions options) {
  if (auto status = check_rows(rows); !status) return std::move(status).error();
  if (const auto missing = missing_tokenizer(folder)) {
    return malformed(cat(kTokenizerConfigName, ": selects '", escaped(*missing),
                         "', which is not a file of this folder"));
  }
  const auto files = tokenizer_files(folder);
  if (files.empty()) return LabelCollector(rows, options.rule).finish("");
  return read_tokenizer_file(folder, files.front(), rows, options);
}

Result<Vocabulary> label_rows(const SpelledTokens& tokens, uint64_t rows, std::string_view source,
                              LabelRule rule) {
  if (auto status = check_rows(rows); !status) return std::move(status).error();
  LabelCollector labels(rows, rule);
  labels.declare(tokens.decoder);
  for (uint64_t row = 0; row < tokens.strings.size(); ++row) {
    const std::string& spelling = tokens.strings[row];
    if (tokens.kinds[row] == SpelledTokens::Kind::plain) labels.put(row, spelling);
    if (tokens.kinds[row] == SpelledTokens::Kind::special) labels.put_special(row, spelling);
  }
  return std::move(labels).finish(source);
}

}  // namespace wmk::checkpoint
