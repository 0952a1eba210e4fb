#include "checkpoint/shapes/name_words.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::checkpoint {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return (lower_case(c) >= 'a' && lower_case(c) <= 'z') || c == '#'; }

// Removes the run of digits in front of `text`; returns it without leading zeros.
std::string_view take_digits(std::string_view& text) {
  size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  std::string_view out = text.substr(0, length);
  text.remove_prefix(length);
  while (out.size() > 1 && out[0] == '0') out.remove_prefix(1);
  return out;
}

}  // namespace

std::vector<std::string> name_words(std::string_view name) {
  std::vector<std::string> out;
  bool is_open = false;
  for (const char c : name) {
    const bool belongs = is_digit(c) || is_word(c);
    if (belongs && !is_open) out.emplace_back();
    if (belongs) out.back() += lower_case(c);
    is_open = belongs;
  }
  return out;
}

bool has_word(const std::vector<std::string>& words, std::initializer_list<std::string_view> any) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(any.begin(), any.end(), word) != any.end();
  });
}

std::optional<uint64_t> number_in(std::string_view word) {
  if (word.empty() || word.size() > 18 || !std::all_of(word.begin(), word.end(), is_digit)) {
    return std::nullopt;
  }
  uint64_t out = 0;
  for (const char c : word) out = out * 10 + static_cast<uint64_t>(c - '0');
  return out;
}

std::vector<uint64_t> numbers_in(std::string_view name) {
  std::vector<uint64_t> out;
  while (!name.empty()) {
    if (!is_digit(name[0])) {
      name.remove_prefix(1);
      continue;
    }
    if (const auto number = number_in(take_digits(name))) out.push_back(*number);
  }
  return out;
}

bool comes_before(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a, whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a[0]) && is_digit(b[0])) {
      const std::string_view x = take_digits(a), y = take_digits(b);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
      continue;
    }
    if (a[0] != b[0]) return a[0] < b[0];
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  if (a.empty() != b.empty()) return a.empty();
  return whole_a < whole_b;
}

}  // namespace wmk::checkpoint
