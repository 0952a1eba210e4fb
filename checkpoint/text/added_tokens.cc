#include "checkpoint/text/added_tokens.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "base/file.h"
#include "base/json.h"
#include "checkpoint/text/config.h"
#include "checkpoint/text/tokenizer_files.h"

namespace wmk::checkpoint {
namespace {

// The keys of added_tokens_decoder are ids written as strings.
std::optional<uint64_t> id_of(std::string_view key) {
  uint64_t id = 0;
  const auto [end, failure] = std::from_chars(key.data(), key.data() + key.size(), id);
  if (failure != std::errc() || end != key.data() + key.size()) return std::nullopt;
  return id;
}

}  // namespace

void name_added_tokens(const std::filesystem::path& folder, LabelCollector& labels) {
  const auto path = folder / kTokenizerConfigName;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return;
  auto text = read_text(path, kConfigBytesMax);
  if (!text) return;
  const auto config = json::Document::parse(*std::move(text), kConfigLimits);
  const auto added = config ? config->root().find("added_tokens_decoder") : std::nullopt;
  if (!added || !added->is(json::Kind::object)) return;
  for (const json::Value token : *added) {
    const auto id = id_of(token.key());
    const auto content = token.find("content");
    const auto spelling = content ? content->string() : std::nullopt;
    if (!id || !spelling || !labels.lacks(*id)) continue;
    const auto special = token.find("special");
    if (special && special->boolean() == true) {
      labels.put_special(*id, *spelling);
    } else {
      labels.put(*id, *spelling);
    }
  }
}

}  // namespace wmk::checkpoint
