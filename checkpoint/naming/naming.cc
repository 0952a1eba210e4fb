// Families of naming rules, and the ones that come with the program (specs/naming.md).
//
// Thread-safety: pure functions; families() is built once, at the first call.
#include "checkpoint/naming/naming.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "checkpoint/naming/naming_catalogue.h"
#include "checkpoint/naming/rules_parser.h"

namespace wmk::checkpoint {

namespace {

constexpr std::array<std::string_view, 14> kRoleNames = {
    "token_embedding",
    "position_embedding",
    "head",
    "ffn_gate",
    "ffn_up",
    "ffn_down",
    "ffn_gate_up",
    "ffn_norm",
    "ffn_post_norm",
    "router",
    "attention",
    "norm",
    "bias",
    "other",
};

// In the order of AttentionPart, without the first.
constexpr std::array<std::string_view, 16> kAttentionWords = {"query",
                                                              "key",
                                                              "value",
                                                              "second_value",
                                                              "out",
                                                              "qkv",
                                                              "key_value",
                                                              "query_down",
                                                              "query_up",
                                                              "latent_down",
                                                              "latent_up",
                                                              "value_up",
                                                              "before_attention",
                                                              "after_attention",
                                                              "of_latent",
                                                              "of_query"};

}  // namespace

std::optional<AttentionPart> parse_attention_part(std::string_view word) {
  const auto at = std::find(kAttentionWords.begin(), kAttentionWords.end(), word);
  if (at == kAttentionWords.end()) return std::nullopt;
  return static_cast<AttentionPart>(at - kAttentionWords.begin() + 1);
}

std::optional<Role> parse_role(std::string_view word) {
  const auto at = std::find(kRoleNames.begin(), kRoleNames.end(), word);
  if (at == kRoleNames.end()) return std::nullopt;
  return static_cast<Role>(at - kRoleNames.begin());
}

std::string_view to_string(Role role) { return kRoleNames[static_cast<size_t>(role)]; }

Result<NamingFamily> NamingFamily::parse(std::string_view text, std::string_view source) {
  return RulesParser(source).parse(text);
}

const Rule* NamingFamily::find(std::string_view pattern) const {
  // A libstdc++ lookup by string_view needs a transparent hash; patterns are few (NameTable).
  const auto at = rules_.find(std::string(pattern));
  return at == rules_.end() ? nullptr : &at->second;
}

bool NamingFamily::has(Role role) const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [&](const Part& part) { return part.roles >> static_cast<int>(role) & 1; });
}

bool NamingFamily::needs(Role role, std::string_view part) const {
  const auto at = std::find_if(parts_.begin(), parts_.end(),
                               [&](const Part& each) { return each.name == part; });
  return at != parts_.end() && (at->roles & ~at->optional) >> static_cast<int>(role) & 1;
}

bool NamingFamily::covers(std::string_view model_type) const {
  return std::find(model_types_.begin(), model_types_.end(), model_type) != model_types_.end();
}

std::vector<std::string_view> NamingFamily::patterns() const {
  std::vector<std::string_view> out;
  for (const auto& [pattern, rule] : rules_) out.push_back(pattern);
  return out;
}

const std::vector<NamingFamily>& families() {
  static const std::vector<NamingFamily> catalogue = [] {
    std::vector<NamingFamily> out;
    for (const RulesText& rules : shipped_rules()) {
      auto family = NamingFamily::parse(rules.text, rules.source);
      assert(family.has_value());  // a unit test parses each of them and shows errors
      if (family) out.push_back(*std::move(family));
    }
    return out;
  }();
  return catalogue;
}

}  // namespace wmk::checkpoint
