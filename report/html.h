// A small writer of HTML pages: what comes from a stranger cannot become markup.
//
// Purpose: tags and attribute names are literals of ours; all text and every attribute value passes
// escape_html. Elements are closed in the order they were opened, so a page is always whole.
// Lifetime: owns its text. Thread-safety: one caller.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace wmk::report {

// & < > " and ' as entities; whatever else must not reach a reader as it is, take_visible() shows.
std::string escape_html(std::string_view text);

struct Attribute {
  const char* name;
  std::string value;
};
using Attributes = std::initializer_list<Attribute>;

class Html {
 public:
  Html& open(const char* tag, Attributes attributes = {});
  Html& close();  // what was opened last
  Html& text(std::string_view text);
  // <tag>text</tag>
  Html& element(const char* tag, std::string_view text, Attributes attributes = {});
  // A tag without an end: <meta>, <col>.
  Html& lone(const char* tag, Attributes attributes = {});
  // Names and paths of strangers, in an isolated direction of text.
  Html& name(std::string_view text) { return element("bdi", text); }
  // Our own style sheet: the one thing that is not escaped, hence a literal.
  Html& style(const char* sheet);

  // Closes what is open.
  std::string finish();

 private:
  void tag(const char* name, Attributes attributes);
  std::string out_ = "<!DOCTYPE html>\n";
  std::vector<const char*> open_;
};

}  // namespace wmk::report
