#include "checkpoint/text/tokenizer.h"

#include <array>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "checkpoint/text/sentencepiece.h"
#include "checkpoint/text/token_bytes.h"

namespace wmk::checkpoint {
namespace {

constexpr uint64_t kTokenizerBytesMax = 256ull << 20;
// An embedding of width 0 can claim any number of rows without a byte in the file.
constexpr uint64_t kRowsMax = 1ull << 24;
constexpr uint64_t kNoId = ~uint64_t{0};

// Collects (id, bytes). A later token replaces an earlier one of the same id: added_tokens are
// read last and replace those of the model.
class Labels {
 public:
  explicit Labels(uint64_t rows) : strings_(rows), is_named_(rows, false) {}

  void decode_by(TokenDecoder decoder) { decoder_ = std::move(decoder); }
  // A token by its spelling.
  void put(uint64_t id, std::string_view spelling) { put_bytes(id, decoder_.bytes_of(spelling)); }
  // A token that is written as it is: a special one.
  void put_bytes(uint64_t id, std::string_view bytes) {
    if (id >= strings_.size()) {
      beyond_.insert(id);
      return;
    }
    strings_[id] = bytes;
    is_named_[id] = true;
  }

  Vocabulary finish(std::string_view source) && {
    Vocabulary vocabulary;
    vocabulary.source = source;
    for (uint64_t row = 0; row < strings_.size(); ++row) {
      if (is_named_[row]) {
        ++vocabulary.named;
      } else {
        strings_[row] = id_label(row);
      }
    }
    vocabulary.beyond = beyond_.size();
    vocabulary.strings = std::move(strings_);
    return vocabulary;
  }

 private:
  TokenDecoder decoder_;
  std::vector<std::string> strings_;
  std::vector<bool> is_named_;
  std::unordered_set<uint64_t> beyond_;
};

// {string: id}
Status read_ids(const json::Value& object, Labels& labels) {
  for (const json::Value token : object) {
    const auto id = token.unsigned_integer();
    if (!id) {
      return malformed(
          cat("token '", escaped(token.key().substr(0, 100)), "': id is not a whole number"));
    }
    labels.put(*id, token.key());
  }
  return {};
}

// [[string, score], ...]: the id is the position.
Status read_scored(const json::Value& array, Labels& labels) {
  uint64_t id = 0;
  for (const json::Value pair : array) {
    const bool is_pair = pair.is(json::Kind::array) && pair.size() == 2;
    const auto text = is_pair ? (*pair.begin()).string() : std::nullopt;
    if (!text) return malformed(cat("model.vocab entry ", id, ": is not a pair [string, score]"));
    labels.put(id++, *text);
  }
  return {};
}

Status read_added(const json::Value& array, Labels& labels) {
  if (array.is(json::Kind::null)) return {};
  if (!array.is(json::Kind::array)) return malformed("added_tokens is not a list");
  for (const json::Value token : array) {
    const auto id = token.find("id");
    const auto content = token.find("content");
    const auto text = content ? content->string() : std::nullopt;
    if (!text) return malformed("added_tokens: an entry has no 'content'");
    const uint64_t row = id ? id->unsigned_integer().value_or(kNoId) : kNoId;
    if (row == kNoId) {
      return malformed(
          cat("added token '", escaped(text->substr(0, 100)), "': id is not a whole number"));
    }
    const auto special = token.find("special");
    if (special && special->boolean() == true) {
      labels.put_bytes(row, *text);
    } else {
      labels.put(row, *text);
    }
  }
  return {};
}

Result<json::Document> parsed(std::string text) {
  return json::Document::parse(std::move(text),
                               {.bytes_max = kTokenizerBytesMax, .nul_allowed = true});
}

Status read_tokenizer(std::string text, Labels& labels) {
  auto document = parsed(std::move(text));
  if (!document) return std::move(document).error();
  const json::Value root = document->root();
  const auto model = root.find("model");
  const auto vocabulary = model ? model->find("vocab") : std::nullopt;
  if (!vocabulary) return malformed("has no model.vocab");
  if (const auto decoder = root.find("decoder")) labels.decode_by(TokenDecoder::of(*decoder));
  Status status;
  if (vocabulary->is(json::Kind::object)) {
    status = read_ids(*vocabulary, labels);
  } else if (vocabulary->is(json::Kind::array)) {
    status = read_scored(*vocabulary, labels);
  } else {
    return malformed("model.vocab is neither an object nor a list");
  }
  const auto added = root.find("added_tokens");
  if (status && added) status = read_added(*added, labels);
  return status;
}

Status read_vocab(std::string text, Labels& labels) {
  auto document = parsed(std::move(text));
  if (!document) return std::move(document).error();
  if (!document->root().is(json::Kind::object)) return malformed("is not an object");
  return read_ids(document->root(), labels);
}

Status read_model(std::string bytes, Labels& labels) {
  labels.decode_by(TokenDecoder::metaspace());
  return read_sentencepiece(as_bytes(bytes),
                            [&](uint64_t id, std::string_view piece) { labels.put(id, piece); });
}

struct Source {
  std::string_view name;
  Status (*read)(std::string, Labels&);
};
constexpr std::string_view kVocabulary = "vocab.json";
constexpr std::array kSources = {Source{"tokenizer.json", read_tokenizer},
                                 Source{kVocabulary, read_vocab},
                                 Source{"tokenizer.model", read_model}};

Status check_rows(uint64_t rows) {
  if (rows <= kRowsMax) return {};
  return Error(ErrorCode::limit_exceeded, cat("a vocabulary of ", rows, " rows"));
}

}  // namespace

std::string id_label(uint64_t row) { return cat("#", row); }

Result<Vocabulary> label_rows(const std::vector<std::string>& strings, uint64_t rows,
                              std::string_view source) {
  if (auto status = check_rows(rows); !status) return std::move(status).error();
  Labels labels(rows);
  for (uint64_t row = 0; row < strings.size(); ++row) {
    if (strings[row] != id_label(row)) labels.put(row, strings[row]);
  }
  return std::move(labels).finish(source);
}

Result<Vocabulary> read_vocabulary(const std::filesystem::path& folder, uint64_t rows) {
  if (auto status = check_rows(rows); !status) return std::move(status).error();
  for (const auto& [name, read] : kSources) {
    const auto path = folder / name;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) continue;
    auto text = read_text(path, kTokenizerBytesMax);
    if (!text) return std::move(text).error();
    Labels labels(rows);
    // The two files of a byte-level BPE tokenizer.
    if (name == kVocabulary && std::filesystem::exists(folder / "merges.txt", ignored)) {
      labels.decode_by(TokenDecoder::byte_level());
    }
    auto status = read(*std::move(text), labels);
    if (!status) return std::move(status).error().within(name);
    return std::move(labels).finish(name);
  }
  return Labels(rows).finish("");
}

}  // namespace wmk::checkpoint
