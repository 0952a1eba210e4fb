#include "remote/content_range.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::remote {

std::optional<ContentRange> parse_content_range(std::string_view text) {
  text = trimmed(text);
  constexpr std::string_view kUnit = "bytes ";
  if (lower_case(text.substr(0, kUnit.size())) != kUnit) return std::nullopt;
  text = trimmed(text.substr(kUnit.size()));
  const size_t dash = text.find('-'), slash = text.find('/');
  if (dash == text.npos || slash == text.npos || slash < dash) return std::nullopt;
  const auto first = decimal(text.substr(0, dash));
  const auto last = decimal(text.substr(dash + 1, slash - dash - 1));
  const auto size = decimal(text.substr(slash + 1));
  if (!first || !last || !size || *first > *last || *last >= *size) return std::nullopt;
  return ContentRange{*first, *last, *size};
}

std::optional<uint64_t> parse_retry_after(std::string_view text, uint64_t most) {
  text = trimmed(text);
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  if (!digits) return std::nullopt;
  while (text.size() > 1 && text.front() == '0') text.remove_prefix(1);
  return std::min(decimal(text).value_or(most), most);
}

}  // namespace wmk::remote
