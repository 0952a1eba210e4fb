#include "checkpoint/text/tokenizer_json.h"

#include <optional>

#include "base/json.h"
#include "base/text.h"
#include "checkpoint/text/ranked_tokens.h"

namespace wmk::checkpoint {
namespace {

constexpr uint64_t kNoId = ~uint64_t{0};

enum class JsonTokenizer { hugging_face, tekken, ids };

JsonTokenizer kind_of(const json::Value& root, std::string_view name) {
  const auto model = root.find("model");
  if (model && model->is(json::Kind::object)) return JsonTokenizer::hugging_face;
  const auto vocabulary = root.find("vocab");
  if (vocabulary && vocabulary->is(json::Kind::array)) return JsonTokenizer::tekken;
  if (root.size() > 0 && (*root.begin()).is(json::Kind::number)) return JsonTokenizer::ids;
  if (name.starts_with("tokenizer")) return JsonTokenizer::hugging_face;
  return name.find("tekken") != name.npos ? JsonTokenizer::tekken : JsonTokenizer::ids;
}

// {string: id}
Status read_ids(const json::Value& object, LabelCollector& labels) {
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
Status read_scored(const json::Value& array, LabelCollector& labels) {
  uint64_t id = 0;
  for (const json::Value pair : array) {
    const bool is_pair = pair.is(json::Kind::array) && pair.size() == 2;
    const auto text = is_pair ? (*pair.begin()).string() : std::nullopt;
    if (!text) return malformed(cat("model.vocab entry ", id, ": is not a pair [string, score]"));
    labels.put(id++, *text);
  }
  return {};
}

Status read_added(const json::Value& array, LabelCollector& labels) {
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
      labels.put_special(row, *text);
    } else {
      labels.put(row, *text);
    }
  }
  return {};
}

Status read_hugging_face(const json::Value& root, LabelCollector& labels) {
  const auto model = root.find("model");
  const auto vocabulary = model ? model->find("vocab") : std::nullopt;
  if (!vocabulary) return malformed("has no model.vocab");
  if (const auto decoder = root.find("decoder")) labels.declare(TokenDecoder::of(*decoder));
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

}  // namespace

Status read_tokenizer_json(std::string text, std::string_view name, bool has_merges,
                           LabelCollector& labels) {
  auto document = json::Document::parse(std::move(text),
                                        {.bytes_max = kTokenizerBytesMax, .nul_allowed = true});
  if (!document) return std::move(document).error();
  const json::Value root = document->root();
  if (!root.is(json::Kind::object)) return malformed("is not an object");
  switch (kind_of(root, name)) {
    case JsonTokenizer::hugging_face:
      return read_hugging_face(root, labels);
    case JsonTokenizer::tekken:
      return read_tekken(root, labels);
    default:
      if (has_merges) labels.declare(TokenDecoder::byte_level());
      return read_ids(root, labels);
  }
}

}  // namespace wmk::checkpoint
