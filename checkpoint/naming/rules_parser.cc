#include "checkpoint/naming/rules_parser.h"

#include <algorithm>

#include "base/text.h"
#include "checkpoint/naming/pattern_text.h"
#include "checkpoint/naming/rule_flags.h"

namespace wmk::checkpoint {

namespace {

constexpr size_t kNameBytesMax = 64;
constexpr size_t kRulesMax = 4096;
constexpr size_t kPrefixesMax = 64;

}  // namespace

Result<NamingFamily> RulesParser::parse(std::string_view text) {
  while (!text.empty()) {
    ++line_;
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (auto status = take_line(words_of(line)); !status) return std::move(status).error();
  }
  return finish();
}

Error RulesParser::fault(std::string_view what) const {
  return Error(ErrorCode::malformed, cat(escaped(source_), " line ", line_, ": ", what));
}

Status RulesParser::take_line(const Words& words) {
  if (words.empty()) return {};
  if (words[0] == "family") return take_family(words);
  if (words[0] == "types") return take_types(words);
  if (words[0] == "part") return take_part(words);
  if (words[0] == "separators") return take_separators(words);
  if (words[0] == "prefix") return take_prefix(words);
  if (words[0] == "no_heads") return take_no_heads(words);
  const auto role = parse_role(words[0]);
  if (!role) return fault(cat("unknown word '", escaped(words[0]), "'"));
  return take_rule(*role, words);
}

Status RulesParser::take_family(const Words& words) {
  if (words.size() != 2) return fault("'family' needs one name");
  if (!family_.name_.empty()) return fault("a second 'family'");
  if (words[1].size() > kNameBytesMax) return fault("the name is too long");
  family_.name_ = escaped(words[1]);
  return {};
}

Status RulesParser::take_types(const Words& words) {
  if (words.size() < 2) return fault("'types' needs at least one model_type");
  family_.model_types_.insert(family_.model_types_.end(), words.begin() + 1, words.end());
  return {};
}

Status RulesParser::take_part(const Words& words) {
  if (words.size() != 2) return fault("'part' needs one name");
  if (words[1].size() > kNameBytesMax) return fault("the name is too long");
  part_ = escaped(words[1]);
  return {};
}

Status RulesParser::take_separators(const Words& words) {
  if (words.size() < 2) return fault("'separators' needs characters");
  for (size_t i = 1; i < words.size(); ++i) {
    if (words[i].find_first_of("#{},") != std::string_view::npos || words[i].size() != 1) {
      return fault(cat("'", escaped(words[i]), "' is not a separator"));
    }
    family_.spelling_.separators += words[i];
  }
  return {};
}

Status RulesParser::take_prefix(const Words& words) {
  if (words.size() != 2) return fault("'prefix' needs one text");
  if (family_.spelling_.prefixes.size() >= kPrefixesMax) return fault("too many prefixes");
  family_.spelling_.prefixes.emplace_back(words[1]);
  return {};
}

Status RulesParser::take_no_heads(const Words& words) {
  if (words.size() < 2) return fault("'no_heads' needs a reason");
  if (!family_.no_heads_.empty()) return fault("a second 'no_heads'");
  for (size_t i = 1; i < words.size(); ++i) {
    family_.no_heads_ += cat(i > 1 ? " " : "", escaped(words[i]));
  }
  return {};
}

Status RulesParser::take_rule(Role role, const Words& words) {
  if (words.size() < 2) return fault(cat("'", words[0], "' needs a pattern"));
  auto patterns = expanded(words[1]);
  if (!patterns) return fault(std::move(patterns).error().message());
  Rule rule;
  rule.role = role;
  rule.part = part_;
  std::vector<AttentionPart> parts;
  for (size_t i = 2; i < words.size(); ++i) {
    if (const auto part = parse_attention_part(words[i]); part && may_be(role, *part)) {
      parts.push_back(*part);
    } else if (!set_flag(rule, words[i])) {
      return fault(cat("'", escaped(words[i]), "' is not a flag of ", words[0]));
    }
  }
  if (parts.size() > 1 && parts.size() != patterns->size()) {
    return fault("needs one part of attention, or one for each of its patterns");
  }
  for (size_t i = 0; i < patterns->size(); ++i) {
    rule.pattern = std::move((*patterns)[i]);
    if (!parts.empty()) rule.attention = parts[parts.size() == 1 ? 0 : i];
    rule.numbers = std::count(rule.pattern.begin(), rule.pattern.end(), '#');
    if (rule.by_order) rule.place = places_[{part_, role}]++;
    if (auto status = add(rule); !status) return status;
  }
  return {};
}

Status RulesParser::add(const Rule& rule) {
  if (const auto what = number_fault(rule); !what.empty()) {
    return fault(cat("'", escaped(rule.pattern), "' ", what));
  }
  if (family_.rules_.size() >= kRulesMax) return fault("too many rules");
  if (!family_.rules_.emplace(rule.pattern, rule).second) {
    return fault(cat("'", escaped(rule.pattern), "' has a rule already"));
  }
  auto part = std::find_if(family_.parts_.begin(), family_.parts_.end(),
                           [&](const auto& each) { return each.name == rule.part; });
  if (part == family_.parts_.end()) part = family_.parts_.insert(part, {rule.part});
  const uint32_t bit = 1u << static_cast<unsigned>(rule.role);
  part->roles |= bit;
  if (rule.optional) part->optional |= bit;
  return {};
}

Result<NamingFamily> RulesParser::finish() {
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

}  // namespace wmk::checkpoint
