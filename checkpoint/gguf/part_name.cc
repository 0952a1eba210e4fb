#include "checkpoint/gguf/part_name.h"

#include <charconv>

#include "base/text.h"

namespace wmk::checkpoint {

namespace {

std::string five_digits(uint64_t number) {
  const std::string digits = to_text(number);
  return std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

std::optional<uint64_t> parse_five_digits(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.size() != 5 || error != std::errc() || end != text.data() + 5) return std::nullopt;
  return value;
}

}  // namespace

std::string GgufPartName::file(uint64_t part) const {
  return cat(stem, "-", five_digits(part), "-of-", five_digits(count), kGgufSuffix);
}

std::optional<GgufPartName> gguf_part_name(std::string_view file) {
  constexpr size_t kTailBytes = 16;  // "-00002-of-00005"
  if (!file.ends_with(kGgufSuffix)) return std::nullopt;
  file.remove_suffix(kGgufSuffix.size());
  if (file.size() < kTailBytes) return std::nullopt;
  const std::string_view tail = file.substr(file.size() - kTailBytes + 1);
  const auto number = parse_five_digits(tail.substr(1, 5));
  const auto count = parse_five_digits(tail.substr(10, 5));
  if (tail[0] != '-' || tail.substr(6, 4) != "-of-" || !number || !count) return std::nullopt;
  if (*number == 0 || *number > *count) return std::nullopt;
  return GgufPartName{std::string(file.substr(0, file.size() - tail.size())), *number, *count};
}

}  // namespace wmk::checkpoint
