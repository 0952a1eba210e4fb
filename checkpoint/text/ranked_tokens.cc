#include "checkpoint/text/ranked_tokens.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/text.h"

namespace wmk::checkpoint {
namespace {

// Of files without "special_tokens", in the order of ids (mistral_common, up to version v7).
constexpr std::array<std::string_view, 20> kImpliedTokens = {"<unk>",
                                                             "<s>",
                                                             "</s>",
                                                             "[INST]",
                                                             "[/INST]",
                                                             "[AVAILABLE_TOOLS]",
                                                             "[/AVAILABLE_TOOLS]",
                                                             "[TOOL_RESULTS]",
                                                             "[/TOOL_RESULTS]",
                                                             "[TOOL_CALLS]",
                                                             "[IMG]",
                                                             "<pad>",
                                                             "[IMG_BREAK]",
                                                             "[IMG_END]",
                                                             "[PREFIX]",
                                                             "[MIDDLE]",
                                                             "[SUFFIX]",
                                                             "[SYSTEM_PROMPT]",
                                                             "[/SYSTEM_PROMPT]",
                                                             "[TOOL_CONTENT]"};

std::string_view take_line(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Bytes and rank.
std::optional<std::pair<std::string, uint64_t>> ranked(std::string_view line) {
  line = trimmed(line);
  const size_t space = line.find_first_of(" \t");
  if (space == line.npos) return std::nullopt;
  const std::string_view digits = trimmed(line.substr(space));
  uint64_t rank = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), rank);
  if (failure != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  auto bytes = loose_base64(line.substr(0, space));
  if (!bytes || bytes->empty()) return std::nullopt;
  return std::pair{*std::move(bytes), rank};
}

std::optional<uint64_t> whole_member(const json::Value& object, std::string_view name) {
  const auto member = object.find(name);
  return member ? member->unsigned_integer() : std::nullopt;
}

std::optional<std::string_view> text_member(const json::Value& object, std::string_view name) {
  const auto member = object.find(name);
  return member ? member->string() : std::nullopt;
}

// Returns how many special tokens the file names.
Result<uint64_t> put_special_tokens(const json::Value& root, LabelCollector& labels) {
  const auto listed = root.find("special_tokens");
  if (!listed || listed->is(json::Kind::null)) {
    for (uint64_t id = 0; id < kImpliedTokens.size(); ++id) {
      labels.put_special(id, kImpliedTokens[id]);
    }
    return kImpliedTokens.size();
  }
  if (!listed->is(json::Kind::array)) return malformed("special_tokens is not a list");
  for (const json::Value token : *listed) {
    const auto rank = whole_member(token, "rank");
    const auto text = text_member(token, "token_str");
    if (!rank || !text) return malformed("special_tokens: an entry has no rank and token_str");
    labels.put_special(*rank, *text);
  }
  return listed->size();
}

}  // namespace

bool is_tiktoken(std::string_view text) {
  std::string_view line;
  while (!text.empty() && line.empty()) line = take_line(text);
  return ranked(line).has_value();
}

Status read_tiktoken(std::string_view text, LabelCollector& labels) {
  if (text.size() > kTiktokenBytesMax) {
    return Error(ErrorCode::limit_exceeded,
                 cat("has ", text.size(), " bytes, the limit is ", kTiktokenBytesMax));
  }
  for (uint64_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (line.empty()) continue;
    const auto token = ranked(line);
    if (!token) return malformed(cat("line ", number, ": is not a token in base64 and its rank"));
    labels.put_bytes(token->second, token->first);
  }
  return {};
}

Status read_tekken(const json::Value& root, LabelCollector& labels) {
  const auto vocabulary = root.find("vocab");
  const auto config = root.find("config");
  if (!vocabulary || !vocabulary->is(json::Kind::array)) return malformed("has no list 'vocab'");
  const auto named = put_special_tokens(root, labels);
  if (!named) return Error(named.error());
  const auto declared = config ? whole_member(*config, "default_num_special_tokens") : std::nullopt;
  const uint64_t special = declared.value_or(*named);
  for (uint64_t id = *named; id < std::min(special, labels.rows()); ++id) {
    labels.put_special(id, cat("<SPECIAL_", id, ">"));
  }
  // The list may be longer than what the model uses.
  const auto size = config ? whole_member(*config, "default_vocab_size") : std::nullopt;
  for (const json::Value token : *vocabulary) {
    const auto rank = whole_member(token, "rank");
    const auto text = text_member(token, "token_bytes");
    const auto bytes = text ? loose_base64(*text) : std::nullopt;
    if (!rank || !bytes) return malformed("vocab: an entry has no rank and token_bytes in base64");
    const auto id = checked_sum(*rank, special);
    if (!id) return malformed("vocab: a rank is too large");
    if (!size || *id < *size) labels.put_bytes(*id, *bytes);
  }
  return {};
}

}  // namespace wmk::checkpoint
