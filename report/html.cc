#include "report/html.h"

#include <cassert>

#include "base/text.h"

namespace wmk::report {

namespace {

constexpr char kDigits[] = "0123456789abcdef";

uint32_t code_point(std::string_view sequence) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(sequence[i]); };
  if (sequence.size() == 1) return byte(0);
  uint32_t out = byte(0) & (0xFFu >> (sequence.size() + 1));
  for (size_t i = 1; i < sequence.size(); ++i) out = out << 6 | (byte(i) & 0x3F);
  return out;
}

// Characters that are not seen and change what is: directions, joiners, separators, tags.
bool is_hidden(uint32_t c) {
  return (c >= 0x80 && c < 0xA0) || c == 0xAD || c == 0x61C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF0 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF) ||
         (c & 0xFFFE) == 0xFFFE;  // no characters
}

std::string visible(uint32_t c) {
  std::string hex;
  for (; c > 0; c >>= 4) hex.insert(hex.begin(), kDigits[c & 15]);
  return cat("\\u{", hex, "}");
}

void append(std::string_view sequence, std::string& out) {
  const uint32_t c = code_point(sequence);
  switch (c) {
    case '&':
      out += "&amp;";
      return;
    case '<':
      out += "&lt;";
      return;
    case '>':
      out += "&gt;";
      return;
    case '"':
      out += "&quot;";
      return;
    case '\'':
      out += "&#39;";
      return;
    default:
      break;
  }
  if (c < 0x20 || c == 0x7F) {
    out.append({'\\', 'x', kDigits[c >> 4], kDigits[c & 15]});
  } else if (is_hidden(c)) {
    out += visible(c);
  } else {
    out += sequence;
  }
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t length = utf8_sequence_length(text);
    if (length == 0) {
      const auto byte = static_cast<unsigned char>(text[0]);
      out.append({'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]});
    } else {
      append(text.substr(0, length), out);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

void Html::tag(const char* name, Attributes attributes) {
  out_ += cat("<", name);
  for (const Attribute& attribute : attributes) {
    out_ += cat(" ", attribute.name, "=\"", escape_html(attribute.value), "\"");
  }
  out_ += '>';
}

Html& Html::open(const char* name, Attributes attributes) {
  tag(name, attributes);
  open_.push_back(name);
  return *this;
}

Html& Html::close() {
  assert(!open_.empty());
  out_ += cat("</", open_.back(), ">");
  // Only a break of lines behind what is a block anyway: none is shown.
  const std::string_view last = open_.back();
  if (last != "bdi" && last != "span" && last != "sup" && last != "code" && last != "strong") {
    out_ += '\n';
  }
  open_.pop_back();
  return *this;
}

Html& Html::text(std::string_view words) {
  out_ += escape_html(words);
  return *this;
}

Html& Html::element(const char* name, std::string_view words, Attributes attributes) {
  return open(name, attributes).text(words).close();
}

Html& Html::lone(const char* name, Attributes attributes) {
  tag(name, attributes);
  out_ += '\n';
  return *this;
}

Html& Html::style(const char* sheet) {
  out_ += cat("<style>\n", sheet, "</style>\n");
  return *this;
}

std::string Html::finish() {
  while (!open_.empty()) close();
  return std::move(out_);
}

}  // namespace wmk::report
