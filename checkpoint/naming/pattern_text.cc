#include "checkpoint/naming/pattern_text.h"

#include "base/text.h"

namespace wmk::checkpoint {

namespace {

constexpr size_t kPatternBytesMax = 256;
constexpr size_t kExpansionsMax = 64;
constexpr std::string_view kBlanks = " \t\r";

Error fault(std::string_view pattern, std::string_view what) {
  return Error(ErrorCode::malformed, cat("pattern '", escaped(pattern), "': ", what));
}

// Parts between commas, including empty ones: "{,_norm}" is an optional "_norm".
std::vector<std::string_view> alternatives(std::string_view list) {
  std::vector<std::string_view> out;
  while (true) {
    const size_t comma = list.find(',');
    out.push_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    list.remove_prefix(comma + 1);
  }
}

// Every text of `heads` with every text of `tails` appended.
std::vector<std::string> joined(const std::vector<std::string>& heads,
                                const std::vector<std::string_view>& tails) {
  std::vector<std::string> out;
  for (const std::string& head : heads) {
    for (std::string_view tail : tails) out.push_back(head + std::string(tail));
  }
  return out;
}

bool is_number(std::string_view segment) {
  return segment.find_first_not_of("0123456789") == std::string_view::npos;
}

// Numbers are written '#', and a '#' is always a whole segment. The last one may be a digit.
std::string_view segment_fault(std::string_view pattern) {
  bool has_digit = false;
  while (true) {
    const size_t dot = pattern.find('.');
    const std::string_view segment = pattern.substr(0, dot);
    if (segment.empty()) return "has an empty segment";
    if (segment != "#" && segment.find('#') != std::string_view::npos) {
      return "a '#' stands for a whole segment";
    }
    if (is_number(segment) && segment.size() > 1) return "write '#' for a number";
    if (has_digit && (segment == "#" || is_number(segment))) {
      return "only the last number may be a digit";
    }
    has_digit |= is_number(segment);
    if (dot == std::string_view::npos) return {};
    pattern.remove_prefix(dot + 1);
  }
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  while (true) {
    const size_t begin = line.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return out;
    line.remove_prefix(begin);
    if (line.starts_with("//")) return out;
    const size_t end = line.find_first_of(kBlanks);
    out.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return out;
    line.remove_prefix(end);
  }
}

Result<std::vector<std::string>> expanded(std::string_view pattern) {
  if (pattern.size() > kPatternBytesMax) return fault(pattern.substr(0, 40), "too long");
  std::vector<std::string> out = {""};
  std::string_view rest = pattern;
  while (!rest.empty()) {
    const size_t open = rest.find_first_of("{}");
    out = joined(out, {rest.substr(0, open)});
    if (open == std::string_view::npos) break;
    const size_t close = rest.find_first_of("{}", open + 1);
    if (rest[open] == '}' || close == std::string_view::npos || rest[close] == '{') {
      return fault(pattern, "braces do not match");
    }
    const auto choices = alternatives(rest.substr(open + 1, close - open - 1));
    if (out.size() * choices.size() > kExpansionsMax) return fault(pattern, "too many choices");
    out = joined(out, choices);
    rest.remove_prefix(close + 1);
  }
  for (const std::string& each : out) {
    if (const auto what = segment_fault(each); !what.empty()) return fault(each, what);
  }
  return out;
}

}  // namespace wmk::checkpoint
