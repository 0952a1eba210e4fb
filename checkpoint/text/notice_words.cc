#include "checkpoint/text/notice_words.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace wmk::checkpoint {

namespace {

// Chat templates have some tens of kilobytes; anything longer is cut.
constexpr size_t kTemplateBytesMax = 256 << 10;
constexpr size_t kSentencesMax = 4;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Without the quotes, brackets, commas and blanks that the file format puts around a name.
std::string_view unwrapped(std::string_view text) {
  constexpr std::string_view kWrapping = " \t\"',;[]{}-";
  const size_t first = text.find_first_not_of(kWrapping);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWrapping) - first + 1);
}

// The text after the last year, without "All rights reserved"; if empty, the text before it.
std::string_view holder(std::string_view text) {
  size_t from = 0;
  for (size_t i = 0; i + 4 <= text.size(); ++i) {
    if (std::all_of(&text[i], &text[i] + 4, is_digit)) from = i + 4;
  }
  std::string_view name = text.substr(from);
  name = unwrapped(name.substr(0, lower_case(name).find("all rights")));
  while (!name.empty() && name.back() == '.') name.remove_suffix(1);
  if (name.starts_with("by ")) name.remove_prefix(3);
  if (!name.empty() || from < 4) return name;
  constexpr std::string_view kWord = "copyright";
  const size_t word = lower_case(text).find(kWord);
  if (word == std::string::npos || word + kWord.size() > from - 4) return name;
  return unwrapped(text.substr(word + kWord.size(), from - 4 - word - kWord.size()));
}

std::string_view value_of(std::string_view text) {
  const size_t colon = text.find(':');
  return colon == std::string_view::npos ? text : unwrapped(text.substr(colon + 1));
}

// A sentence ends at a full stop, at the end of the line, at a tag of the template or at a quote.
size_t sentence_end(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i], next = i + 1 < text.size() ? text[i + 1] : ' ';
    const bool stop = c == '.' && (next == ' ' || next == '\\' || next == '"' || next == '\'' ||
                                   next == '\n' || next == '<' || next == '{');
    if (stop || c == '\n' || c == '\\' || c == '"' || c == '<' || c == '{') return i;
  }
  return text.size();
}

bool is_name(std::string_view text) { return !text.empty() && text[0] >= 'A' && text[0] <= 'Z'; }

}  // namespace

std::string named_party(NoticeKind kind, std::string_view text) {
  switch (kind) {
    case NoticeKind::copyright:
      return std::string(holder(text));
    case NoticeKind::origin:
    case NoticeKind::configuration:
      return std::string(value_of(text));
    case NoticeKind::persona:
      return std::string(text);
    default:
      return {};
  }
}

std::vector<std::string> persona_sentences(std::string_view text) {
  text = text.substr(0, kTemplateBytesMax);
  constexpr std::array<std::string_view, 7> kSigns = {"You are ",    "you are ",    "Your name is ",
                                                      "created by ", "trained by ", "developed by ",
                                                      "made by "};
  std::vector<std::string> out;
  for (size_t at = 0; at < text.size() && out.size() < kSentencesMax;) {
    const auto sign = std::find_if(kSigns.begin(), kSigns.end(), [&](std::string_view s) {
      return text.substr(at).starts_with(s);
    });
    // "You are a helpful assistant" names nobody.
    if (sign == kSigns.end() || !is_name(text.substr(at + sign->size()))) {
      ++at;
      continue;
    }
    const std::string_view rest = text.substr(at, kNoticeTextMax);
    const std::string_view sentence = rest.substr(0, sentence_end(rest));
    out.emplace_back(trimmed(sentence));
    at += std::max(sentence.size(), sign->size());
  }
  return out;
}

}  // namespace wmk::checkpoint
