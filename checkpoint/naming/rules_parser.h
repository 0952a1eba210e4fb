// Reads the text of a rules file (specs/naming.md 1).
//
// Thread-safety: pure functions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "checkpoint/naming/naming.h"

namespace wmk::checkpoint {

std::optional<Role> parse_role(std::string_view word);

// Reads a rules file line by line. Lifetime: one text; refers to `source`.
class RulesParser {
 public:
  explicit RulesParser(std::string_view source) : source_(source) {}

  Result<NamingFamily> parse(std::string_view text);

 private:
  using Words = std::vector<std::string_view>;
  Error fault(std::string_view what) const;
  Status take_line(const Words& words);
  Status take_family(const Words& words);
  Status take_types(const Words& words);
  Status take_part(const Words& words);
  Status take_separators(const Words& words);
  Status take_prefix(const Words& words);
  Status take_no_heads(const Words& words);
  Status take_rule(Role role, const Words& words);
  Status add(const Rule& rule);
  Result<NamingFamily> finish();

  std::string_view source_;
  size_t line_ = 0;
  std::string part_;  // of the rules that follow
  // Patterns with by_order so far, by part and role.
  std::map<std::pair<std::string, Role>, uint64_t> places_;
  NamingFamily family_;
};

}  // namespace wmk::checkpoint
