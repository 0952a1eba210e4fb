#include "lineage/logits/shared_tokens.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/text.h"
#include "checkpoint/text/tokenizer.h"

namespace wmk::lineage {

namespace {

// In the order of UntouchedKind, after no_token.
constexpr std::array<std::string_view, 4> kReserve = {"reserved", "unused", "placeholder", "dummy"};

}  // namespace

std::optional<UntouchedKind> untouched_kind(std::string_view label, uint32_t row) {
  if (label == checkpoint::id_label(row)) return UntouchedKind::no_token;
  if (label.size() < 2) return std::nullopt;
  const bool bracketed = (label.front() == '<' && label.back() == '>') ||
                         (label.front() == '[' && label.back() == ']');
  if (!bracketed) return std::nullopt;
  const std::string lower = lower_case(label);
  for (size_t i = 0; i < kReserve.size(); ++i) {
    if (lower.find(kReserve[i]) != std::string::npos) return static_cast<UntouchedKind>(i + 1);
  }
  return std::nullopt;
}

SharedTokens shared_tokens(const std::vector<std::string>& columns,
                           const std::vector<std::string>& rows) {
  std::unordered_map<std::string_view, std::vector<uint32_t>> rows_of;
  rows_of.reserve(rows.size());
  for (size_t row = rows.size(); row-- > 0;) {
    rows_of[rows[row]].push_back(static_cast<uint32_t>(row));  // the first one is at the back
  }
  SharedTokens out;
  std::array<std::vector<SharedToken>, 1 + kReserve.size()> untouched;
  for (size_t column = 0; column < columns.size(); ++column) {
    const auto found = rows_of.find(columns[column]);
    if (found == rows_of.end() || found->second.empty()) continue;
    const SharedToken token{static_cast<uint32_t>(column), found->second.back()};
    found->second.pop_back();
    const auto kind = untouched_kind(columns[column], token.row);
    (kind ? untouched[static_cast<size_t>(*kind)] : out.trained).push_back(token);
  }
  out.untouched =
      *std::max_element(untouched.begin(), untouched.end(),
                        [](const auto& a, const auto& b) { return a.size() < b.size(); });
  return out;
}

}  // namespace wmk::lineage
