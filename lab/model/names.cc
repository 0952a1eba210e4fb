#include "lab/model/names.h"

#include <charconv>

#include "base/text.h"

namespace wmk::lab {

std::optional<SplitName> split_at_number(std::string_view name, size_t which) {
  size_t begin = 0;
  while (begin <= name.size()) {
    const size_t end = std::min(name.find('.', begin), name.size());
    const std::string_view segment = name.substr(begin, end - begin);
    const bool is_number =
        !segment.empty() && segment.find_first_not_of("0123456789") == std::string_view::npos;
    if (is_number && which-- == 0) {
      SplitName parts{name.substr(0, begin), 0, name.substr(end)};
      const auto read =
          std::from_chars(segment.data(), segment.data() + segment.size(), parts.number);
      if (read.ec != std::errc()) return std::nullopt;
      return parts;
    }
    begin = end + 1;
  }
  return std::nullopt;
}

std::string with_number(const SplitName& parts, uint64_t number) {
  return cat(parts.before, number, parts.after);
}

std::string_view without_weight(std::string_view name) {
  constexpr std::string_view kWeight = ".weight";
  if (name.ends_with(kWeight)) name.remove_suffix(kWeight.size());
  return name;
}

}  // namespace wmk::lab
