#include "lineage/logits/shared_tokens.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/text.h"
#include "checkpoint/text/tokenizer.h"

namespace wmk::lineage {

bool is_untouched(std::string_view label, uint32_t row) {
  if (label == checkpoint::id_label(row)) return true;
  if (label.size() < 2) return false;
  const bool bracketed = (label.front() == '<' && label.back() == '>') ||
                         (label.front() == '[' && label.back() == ']');
  if (!bracketed) return false;
  constexpr std::array<std::string_view, 4> kReserve = {"reserved", "unused", "placeholder",
                                                        "dummy"};
  const std::string lower = lower_case(label);
  return std::any_of(kReserve.begin(), kReserve.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

SharedTokens shared_tokens(const std::vector<std::string>& columns,
                           const std::vector<std::string>& rows) {
  std::unordered_map<std::string_view, std::vector<uint32_t>> rows_of;
  rows_of.reserve(rows.size());
  for (size_t row = rows.size(); row-- > 0;) {
    rows_of[rows[row]].push_back(static_cast<uint32_t>(row));  // the first one is at the back
  }
  SharedTokens out;
  for (size_t column = 0; column < columns.size(); ++column) {
    const auto found = rows_of.find(columns[column]);
    if (found == rows_of.end() || found->second.empty()) continue;
    const SharedToken token{static_cast<uint32_t>(column), found->second.back()};
    found->second.pop_back();
    (is_untouched(columns[column], token.row) ? out.untouched : out.trained).push_back(token);
  }
  return out;
}

}  // namespace wmk::lineage
