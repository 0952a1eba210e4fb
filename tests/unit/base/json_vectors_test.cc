// The corpus of tests/vectors/json, and truncated documents made from it.
#include <catch2/catch.hpp>

#include "base/json.h"
#include "tests/unit/vectors.h"

namespace wmk::json {
namespace {

using wmk::test::read_vectors;
using wmk::test::Vector;

// "accept", or the message after "line N, column N: ".
std::string outcome(std::string text) {
  const auto document = Document::parse(std::move(text));
  if (document) return "accept";
  const std::string& message = document.error().message();
  CAPTURE(message);
  REQUIRE(message.starts_with("line "));
  return message.substr(message.find(": ") + 2);
}

}  // namespace

TEST_CASE("every document of the corpus gets the expected answer", "[bad-input]") {
  for (const char* file : {"json/accepted.vec", "json/refused.vec"}) {
    for (const Vector& vector : read_vectors(file)) {
      CAPTURE(file, vector.name);
      CHECK(outcome(vector.at("text")) == vector.at("expect"));
    }
  }
}

TEST_CASE("a truncated object or list is refused", "[bad-input]") {
  for (const Vector& vector : read_vectors("json/accepted.vec")) {
    CAPTURE(vector.name);
    const std::string text(trimmed(vector.at("text")));
    if (text.size() > 2000 || (text[0] != '{' && text[0] != '[')) continue;
    for (size_t length = 0; length < text.size(); ++length) {
      if (outcome(text.substr(0, length)) == "accept") FAIL("accepted when cut to " << length);
    }
  }
}

}  // namespace wmk::json
