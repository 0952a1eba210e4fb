#include "report/html.h"

#include <cassert>

#include "base/text.h"

namespace wmk::report {

namespace {

std::string_view entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (const std::string_view mark = entity(text[0]); !mark.empty()) {
      out += mark;
      text.remove_prefix(1);
    } else {
      out += take_visible(text);
    }
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
  // Line breaks only after block elements, where they are not rendered.
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

Html& Html::void_element(const char* name, Attributes attributes) {
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
