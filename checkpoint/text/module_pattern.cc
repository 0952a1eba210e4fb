#include "checkpoint/text/module_pattern.h"

#include <algorithm>
#include <functional>

namespace wmk::checkpoint {
namespace {

constexpr size_t kBytesMax = 256;
constexpr int kStepsMax = 20'000;
constexpr unsigned kUnlimited = 1000;

bool is_decimal_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_decimal_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// A backtracking matcher: each function matches a part of the pattern at a place of the text, and
// calls `rest` with the place behind it until one succeeds. Each call consumes pattern or text, so
// that the depth is limited.
class Matcher {
 public:
  explicit Matcher(std::string_view text) : text_(text) {}

  using Rest = std::function<bool(size_t)>;

  bool alternatives(std::string_view pattern, size_t at, const Rest& rest) {
    size_t begin = 0;
    for (size_t i = 0; i <= pattern.size();) {
      if (i < pattern.size() && pattern[i] != '|') {
        const size_t length = atom_length(pattern.substr(i));
        if (length == 0) return false;
        i += length;
        continue;
      }
      if (sequence(pattern.substr(begin, i - begin), at, rest)) return true;
      begin = ++i;
    }
    return false;
  }

 private:
  // 0: the atom does not end.
  static size_t atom_length(std::string_view pattern) {
    if (pattern[0] == '\\') return pattern.size() < 2 ? 0 : 2;
    if (pattern[0] == '[') {
      size_t end = pattern.size() > 1 && pattern[1] == '^' ? 2 : 1;
      for (++end; end < pattern.size() && pattern[end] != ']'; ++end) {
        if (pattern[end] == '\\') ++end;
      }
      return end < pattern.size() ? end + 1 : 0;
    }
    if (pattern[0] != '(') return 1;
    for (size_t i = 1; i < pattern.size();) {
      if (pattern[i] == ')') return i + 1;
      const size_t length = atom_length(pattern.substr(i));
      if (length == 0) return 0;
      i += length;
    }
    return 0;
  }

  bool sequence(std::string_view pattern, size_t at, const Rest& rest) {
    if (--steps_ < 0) return false;
    if (pattern.empty()) return rest(at);
    if (pattern[0] == '^') return at == 0 && sequence(pattern.substr(1), at, rest);
    if (pattern[0] == '$') return at == text_.size() && sequence(pattern.substr(1), at, rest);
    const size_t length = atom_length(pattern);
    if (length == 0) return false;
    const std::string_view atom = pattern.substr(0, length);
    pattern.remove_prefix(length);
    const char sign = pattern.empty() ? ' ' : pattern[0];
    if (sign == '{') return false;
    if (sign != '*' && sign != '+' && sign != '?') {
      return one(atom, at, [&](size_t next) { return sequence(pattern, next, rest); });
    }
    pattern.remove_prefix(1);
    if (!pattern.empty() && pattern[0] == '?') pattern.remove_prefix(1);  // not greedy
    return repeat(atom, sign == '+' ? 1 : 0, sign == '?' ? 1 : kUnlimited, pattern, at, rest);
  }

  bool repeat(std::string_view atom, unsigned least, unsigned most, std::string_view pattern,
              size_t at, const Rest& rest) {
    if (--steps_ < 0) return false;
    if (least == 0 && sequence(pattern, at, rest)) return true;
    if (most == 0) return false;
    return one(atom, at, [&](size_t next) {
      return next != at && repeat(atom, least > 0 ? least - 1 : 0, most - 1, pattern, next, rest);
    });
  }

  bool one(std::string_view atom, size_t at, const Rest& rest) {
    if (atom[0] == '(') return group(atom.substr(1, atom.size() - 2), at, rest);
    if (at >= text_.size()) return false;
    const bool matches = atom[0] == '[' ? in_class(atom.substr(1, atom.size() - 2), text_[at])
                                        : is_kind(atom, text_[at]);
    return matches && rest(at + 1);
  }

  bool group(std::string_view inner, size_t at, const Rest& rest) {
    const auto found = [&] { return alternatives(inner, at, [](size_t) { return true; }); };
    if (inner.empty() || inner[0] != '?') return alternatives(inner, at, rest);
    const char sign = inner.size() < 2 ? ' ' : inner[1];
    inner.remove_prefix(std::min<size_t>(2, inner.size()));
    if (sign == ':') return alternatives(inner, at, rest);
    if (sign == '=') return found() && rest(at);
    return sign == '!' && !found() && steps_ >= 0 && rest(at);
  }

  static bool is_kind(std::string_view atom, char c) {
    if (atom[0] == '.') return c != '\n';
    if (atom[0] != '\\') return atom[0] == c;
    switch (atom[1]) {
      case 'd':
        return is_decimal_digit(c);
      case 'w':
        return is_word(c);
      case 's':
        return c == ' ' || c == '\t';
      default:
        return atom[1] == c;
    }
  }

  static bool in_class(std::string_view members, char c) {
    const bool negated = !members.empty() && members[0] == '^';
    if (negated) members.remove_prefix(1);
    bool found = false;
    while (!members.empty()) {
      const size_t length = members[0] == '\\' && members.size() > 1 ? 2 : 1;
      if (length == 1 && members.size() > 2 && members[1] == '-') {
        found |= members[0] <= c && c <= members[2];
        members.remove_prefix(3);
        continue;
      }
      found |= length == 2 ? is_kind(members.substr(0, 2), c) : members[0] == c;
      members.remove_prefix(length);
    }
    return found != negated;
  }

  std::string_view text_;
  int steps_ = kStepsMax;
};

}  // namespace

bool begins_with_match(std::string_view pattern, std::string_view text) {
  if (pattern.size() > kBytesMax || text.size() > kBytesMax) return false;
  return Matcher(text).alternatives(pattern, 0, [](size_t) { return true; });
}

bool is_embedding_name(std::string_view module) {
  const size_t dot = module.rfind('.');
  const std::string_view leaf = dot == module.npos ? module : module.substr(dot + 1);
  return leaf.find("embed") != leaf.npos || leaf == "wte" || leaf == "wpe";
}

bool matches_target(std::string_view target, std::string_view module) {
  constexpr std::string_view kPattern = "re:";
  if (target.starts_with(kPattern)) {
    return begins_with_match(target.substr(kPattern.size()), module);
  }
  if (target == "Linear") return !is_embedding_name(module);
  if (target == "Embedding") return is_embedding_name(module);
  return target == module;
}

bool matches_any(const std::vector<std::string>& targets, std::string_view module) {
  return std::any_of(targets.begin(), targets.end(),
                     [&](const std::string& target) { return matches_target(target, module); });
}

}  // namespace wmk::checkpoint
