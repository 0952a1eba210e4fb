// A small writer of HTML pages: untrusted text cannot become markup.
//
// Purpose: tags and attribute names are literals of the program; all text and every attribute value
// is escaped by escape_html. Elements are closed in reverse order, so a page is always well formed.
// Lifetime: owns its text. Thread-safety: one caller.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace wmk::report {

// & < > " and ' become entities; control characters and the like become visible (take_visible).
std::string escape_html(std::string_view text);

struct Attribute {
  const char* name;
  std::string value;
};
using Attributes = std::initializer_list<Attribute>;

class Html {
 public:
  Html& open(const char* tag, Attributes attributes = {});
  Html& close();  // the innermost open element
  Html& text(std::string_view text);
  // <tag>text</tag>
  Html& element(const char* tag, std::string_view text, Attributes attributes = {});
  // An element without an end tag: <meta>, <col>.
  Html& void_element(const char* tag, Attributes attributes = {});
  // Untrusted names and paths; their direction of text does not affect the rest of the page.
  Html& name(std::string_view text) { return element("bdi", text); }
  // The style sheet is not escaped, so it must be a literal.
  Html& style(const char* sheet);

  // Closes all open elements.
  std::string finish();

 private:
  void tag(const char* name, Attributes attributes);
  std::string out_ = "<!DOCTYPE html>\n";
  std::vector<const char*> open_;
};

}  // namespace wmk::report
