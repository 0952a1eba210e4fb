#include "neurons/carry/rows_of_both.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/json.h"
#include "checkpoint/text/config.h"

namespace wmk::neurons {

namespace {

// Tokens of a release that are matched, and numbers of a suspect's token rows in memory.
constexpr uint64_t kTokensPerWidth = 16, kTokenValuesMax = 48u << 20;

uint64_t tokens_of_release(const Model& release) {
  return std::min<uint64_t>(kTokensPerWidth * release.anatomy->width, CloudRows::kRowsMax);
}
uint64_t tokens_of_suspect(const Model& release) {
  const uint64_t most = kTokenValuesMax / release.anatomy->width;
  return std::min(2 * tokens_of_release(release), std::max(CloudRows::kRowsMax, most));
}

bool is_odd(std::string_view activation) {
  return activation == "tanh" || activation == "linear" || activation == "identity";
}

// The activation that the release's config names, or empty. Not the suspect's, which may lie.
std::string activation_of(const checkpoint::Checkpoint& release) {
  const auto text = read_text(release.folder() / "config.json", checkpoint::kConfigBytesMax);
  if (!text) return {};
  const auto document = json::Document::parse(*text, checkpoint::kConfigLimits);
  if (!document || !document->root().is(json::Kind::object)) return {};
  for (const char* key : {"hidden_act", "hidden_activation", "activation_function"}) {
    const auto value = document->root().find(key);
    if (const auto word = value ? value->string() : std::nullopt) return std::string(*word);
  }
  return {};
}

}  // namespace

TokensOfBoth::TokensOfBoth(const Rows& span, const Model& suspect, const Model& release)
    : suspect_(suspect, span, tokens_of_suspect(release)),
      release_(release, {}, tokens_of_release(release)),
      suspect_forms_(suspect, span),
      release_forms_(release, {}) {}

bool have_signs(const Model& release) {
  return release.anatomy->gated || !is_odd(activation_of(*release.checkpoint));
}

}  // namespace wmk::neurons
