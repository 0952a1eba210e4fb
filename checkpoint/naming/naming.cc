// Families of naming rules: their small text format and the catalogue (specs/naming.md).
//
// Purpose: reads a rules file, built in or given by the user, line by line. Errors name the line.
// Thread-safety: pure functions; families() is built once, at the first call.
#include "checkpoint/naming/naming.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <span>

#include "base/text.h"
#include "checkpoint/naming/naming_catalogue.h"
#include "checkpoint/naming/pattern_text.h"

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

std::optional<Role> parse_role(std::string_view word) {
  const auto at = std::find(kRoleNames.begin(), kRoleNames.end(), word);
  if (at == kRoleNames.end()) return std::nullopt;
  return static_cast<Role>(at - kRoleNames.begin());
}

bool is_matrix(Role role) {
  return role == Role::ffn_gate || role == Role::ffn_up || role == Role::ffn_down ||
         role == Role::ffn_gate_up;
}

bool is_norm(Role role) { return role == Role::ffn_norm || role == Role::ffn_post_norm; }

// Sets the flag `word` if the role of the rule may have it.
bool set_flag(Rule& rule, std::string_view word) {
  if (word == "transposed" && is_matrix(rule.role)) return rule.transposed = true;
  if (word == "stacked" && is_matrix(rule.role)) return rule.stacked = true;
  if (word == "shared" && is_matrix(rule.role)) return rule.shared = true;
  if (word == "interleaved" && rule.role == Role::ffn_gate_up) return rule.interleaved = true;
  if (word == "one_plus" && is_norm(rule.role)) return rule.one_plus = true;
  return false;
}

// What is wrong with the numbers in the pattern of this role; empty: nothing.
std::string_view number_fault(const Rule& rule) {
  const auto numbers = std::count(rule.pattern.begin(), rule.pattern.end(), '#');
  if (rule.role == Role::token_embedding && numbers != 0) return "holds a number";
  if (is_norm(rule.role) && numbers != 1) return "needs one '#', the layer";
  if (is_matrix(rule.role) && (rule.stacked || rule.shared) && numbers != 1) {
    return "needs one '#', the layer";
  }
  if (is_matrix(rule.role) && numbers != 1 && numbers != 2) {
    return "needs one '#', the layer, or two, layer and expert";
  }
  return {};
}

}  // namespace

std::string_view to_string(Role role) { return kRoleNames[static_cast<size_t>(role)]; }

class RulesParser {
 public:
  explicit RulesParser(std::string_view source) : source_(source) {}

  Result<NamingFamily> parse(std::string_view text) {
    while (!text.empty()) {
      ++line_;
      const size_t end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      if (auto status = take_line(words_of(line)); !status) return std::move(status).error();
    }
    return finish();
  }

 private:
  Error fault(std::string_view what) const {
    return Error(ErrorCode::malformed, cat(escaped(source_), " line ", line_, ": ", what));
  }

  Status take_line(const std::vector<std::string_view>& words) {
    if (words.empty()) return {};
    if (words[0] == "family") return take_family(words);
    if (words[0] == "types") return take_types(words);
    const auto role = parse_role(words[0]);
    if (!role) return fault(cat("unknown word '", escaped(words[0]), "'"));
    return take_rule(*role, words);
  }

  Status take_family(const std::vector<std::string_view>& words) {
    if (words.size() != 2) return fault("'family' needs one name");
    if (!family_.name_.empty()) return fault("a second 'family'");
    if (words[1].size() > kNameBytesMax) return fault("the name is too long");
    family_.name_ = escaped(words[1]);
    return {};
  }

  Status take_types(const std::vector<std::string_view>& words) {
    if (words.size() < 2) return fault("'types' needs at least one model_type");
    family_.model_types_.insert(family_.model_types_.end(), words.begin() + 1, words.end());
    return {};
  }

  Status take_rule(Role role, const std::vector<std::string_view>& words) {
    if (words.size() < 2) return fault(cat("'", words[0], "' needs a pattern"));
    auto patterns = expanded(words[1]);
    if (!patterns) return fault(std::move(patterns).error().message());
    Rule rule;
    rule.role = role;
    for (size_t i = 2; i < words.size(); ++i) {
      if (!set_flag(rule, words[i])) {
        return fault(cat("'", escaped(words[i]), "' is not a flag of ", words[0]));
      }
    }
    for (std::string& pattern : *patterns) {
      rule.pattern = std::move(pattern);
      if (auto status = add(rule); !status) return status;
    }
    return {};
  }

  Status add(const Rule& rule) {
    if (const auto what = number_fault(rule); !what.empty()) {
      return fault(cat("'", escaped(rule.pattern), "' ", what));
    }
    if (family_.rules_.size() >= kRulesMax) return fault("too many rules");
    if (!family_.rules_.emplace(rule.pattern, rule).second) {
      return fault(cat("'", escaped(rule.pattern), "' has a rule already"));
    }
    family_.roles_ |= 1u << static_cast<unsigned>(rule.role);
    return {};
  }

  Result<NamingFamily> finish() {
    const auto missing = [&](std::string_view what) {
      return Error(ErrorCode::malformed, cat(escaped(source_), ": no rule for ", what));
    };
    if (family_.name_.empty()) {
      return Error(ErrorCode::malformed, cat(escaped(source_), ": no 'family' line"));
    }
    if (!family_.has(Role::token_embedding)) return missing("token_embedding");
    if (!family_.has(Role::ffn_up) && !family_.has(Role::ffn_gate_up)) {
      return missing("ffn_up or ffn_gate_up");
    }
    if (!family_.has(Role::ffn_down)) return missing("ffn_down");
    return std::move(family_);
  }

  static constexpr size_t kNameBytesMax = 64;
  static constexpr size_t kRulesMax = 4096;
  std::string_view source_;
  size_t line_ = 0;
  NamingFamily family_;
};

Result<NamingFamily> NamingFamily::parse(std::string_view text, std::string_view source) {
  return RulesParser(source).parse(text);
}

const Rule* NamingFamily::find(std::string_view pattern) const {
  // A libstdc++ lookup by string_view needs a transparent hash; patterns are few (NameTable).
  const auto at = rules_.find(std::string(pattern));
  return at == rules_.end() ? nullptr : &at->second;
}

bool NamingFamily::covers(std::string_view model_type) const {
  return std::find(model_types_.begin(), model_types_.end(), model_type) != model_types_.end();
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
