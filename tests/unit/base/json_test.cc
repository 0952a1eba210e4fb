#include "base/json.h"

#include <catch2/catch.hpp>

#include "base/text.h"

namespace wmk::json {
namespace {

Document parsed(std::string text) {
  auto document = Document::parse(std::move(text));
  INFO((document ? "" : document.error().message()));
  REQUIRE(document);
  return std::move(*document);
}

std::string message_of(std::string text) {
  auto document = Document::parse(std::move(text));
  return document ? "accepted" : document.error().message();
}

}  // namespace

TEST_CASE("values keep their kinds and their order in the file") {
  const auto document = parsed(R"( {"b": [1, 2.5, "x", null, true], "a": {}, "c": false} )");
  const Value root = document.root();
  REQUIRE(root.is(Kind::object));
  REQUIRE(root.size() == 3);
  std::string keys;
  for (const Value member : root) keys += member.key();
  CHECK(keys == "bac");
  const Value array = *root.find("b");
  REQUIRE(array.size() == 5);
  std::vector<Kind> kinds;
  for (const Value item : array) kinds.push_back(item.kind());
  CHECK(kinds == std::vector{Kind::number, Kind::number, Kind::string, Kind::null, Kind::boolean});
  CHECK(root.find("a")->size() == 0);
  CHECK(root.find("c")->boolean() == false);
  CHECK(!root.find("d"));
  CHECK(!array.find("b"));
  CHECK(!array.string());
  CHECK(!array.number());
}

TEST_CASE("values stay readable after a document is moved") {
  Document first = parsed(R"(["short"])");
  const Document second = std::move(first);
  CHECK((*second.root().begin()).string() == "short");
}

TEST_CASE("integers are numbers without a point or an exponent") {
  const auto whole = [](std::string text) { return parsed(text).root().unsigned_integer(); };
  CHECK(whole("0") == 0);
  CHECK(whole("18446744073709551615") == UINT64_MAX);
  CHECK(!whole("18446744073709551616"));
  CHECK(!whole("-0"));
  CHECK(!whole("-1"));
  CHECK(!whole("2.0"));
  CHECK(!whole("2e0"));
  CHECK(!whole("\"2\""));
}

TEST_CASE("numbers read as the nearest double, and only within its range") {
  CHECK(parsed("-0.1e1").root().number() == -1.0);
  CHECK(parsed("1e-7").root().number() == 1e-7);
  CHECK(parsed("5e-324").root().number() == 5e-324);
  CHECK(message_of("1e400") == "line 1, column 6: a number out of range");
  CHECK(message_of("-1e999999999999") == "line 1, column 16: a number out of range");
  CHECK(message_of(std::string(400, '9')) == "line 1, column 401: a number out of range");
}

TEST_CASE("escapes are decoded") {
  const auto text = [](std::string json) { return std::string(*parsed(json).root().string()); };
  CHECK(text(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(text(R"("a\u0041\u00e9\u20ac\ud83d\ude00z")") == "aA\u00e9\u20ac\U0001F600z");
  CHECK(text("\"\u00e9 \\u0120the \u00e9\"") == "\u00e9 \u0120the \u00e9");
}

TEST_CASE("NUL in a string is refused unless the caller allows it") {
  CHECK(message_of(R"(["a\u0000b"])") == "line 1, column 4: NUL in a string");
  const auto document = Document::parse(R"(["a\u0000b"])", {.nul_allowed = true});
  REQUIRE(document);
  CHECK((*document->root().begin()).string() == std::string_view("a\0b", 3));
}

TEST_CASE("duplicate keys are found after unescaping, at any level and in large objects") {
  CHECK(message_of(R"({"a":1,"\u0061":2})") ==
        "line 1, column 18: duplicate key 'a' in the object that ends here");
  CHECK(message_of("[{\"x\":\n{\"a\":1,\"b\":2,\"a\":3}}]") ==
        "line 2, column 19: duplicate key 'a' in the object that ends here");
  std::string large = "{";
  for (int i = 0; i < 1000; ++i) large += cat("\"k", i, "\":", i, ",");
  CHECK(message_of(large + "\"k1000\":0}") == "accepted");
  CHECK(message_of(large + "\"k500\":0}").find("duplicate key 'k500'") != std::string::npos);
  CHECK(Document::parse(R"({"a":1,"a":2})").error().code() == ErrorCode::duplicate_key);
  CHECK(Document::parse(R"({": duplicate key '":})").error().code() == ErrorCode::malformed);
}

TEST_CASE("errors name line and column") {
  CHECK(message_of("{\n  \"a\": 1,\n  \"b\" 2\n}") == "line 3, column 7: '2' where ':' should be");
  CHECK(message_of("[1,]") == "line 1, column 4: ']' where a value should be");
  CHECK(message_of("[1") == "line 1, column 3: the text ends where ',' or ']' should be");
  CHECK(message_of("[\"\\n\\n\",\n x]") == "line 2, column 2: 'x' where a value should be");
  CHECK(message_of("[1]\n[2]") == "line 2, column 1: text after the end of the document");
  CHECK(message_of("") == "line 1, column 1: the text ends where a value should be");
}

TEST_CASE("nesting is limited and uses no recursion") {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(message_of(nested(64)) == "accepted");
  const auto refused = Document::parse(nested(65));
  REQUIRE(!refused);
  CHECK(refused.error().code() == ErrorCode::limit_exceeded);
  CHECK(refused.error().message() == "line 1, column 65: nested more than 64 deep");
  CHECK(Document::parse(nested(100'000), {.depth_max = 100'000}));
  CHECK(!Document::parse(std::string(5'000'000, '['), {.depth_max = 64}));
}

TEST_CASE("texts beyond the limits on bytes and values are refused") {
  const auto bytes = Document::parse("[1, 2, 3]", {.bytes_max = 8});
  REQUIRE(!bytes);
  CHECK(bytes.error().code() == ErrorCode::limit_exceeded);
  CHECK(Document::parse("[1, 2, 3]", {.values_max = 4}));
  const auto values = Document::parse("[1, 2, 3]", {.values_max = 3});
  REQUIRE(!values);
  CHECK(values.error().code() == ErrorCode::limit_exceeded);
}

TEST_CASE("a written document is one line with keys in the order of the calls") {
  Writer writer;
  writer.begin_object().member("schema", "weightmark.detect/1").member("z", 33.84);
  writer.key("list").begin_array().value(1).value(true).begin_object().end_object().null();
  writer.end_array().member("n", uint64_t{18446744073709551615u}).end_object();
  CHECK(writer.finish() ==
        "{\"schema\": \"weightmark.detect/1\", \"z\": 33.84, \"list\": [1, true, {}, null], "
        "\"n\": 18446744073709551615}\n");
}

TEST_CASE("numbers that are not finite are written as null") {
  Writer writer;
  writer.begin_array().value(1.0 / 0.0).value(0.1).value(-2e30).end_array();
  CHECK(writer.finish() == "[null, 0.1, -2e+30]\n");
}

TEST_CASE("written strings read back equal and cannot control a terminal") {
  const std::string text = "q\" b\\ \x01\x1b\x7f\u0085 \u00e9\U0001F600\n";
  const std::string json = json::quoted(text);
  for (const char c : json) CHECK((static_cast<unsigned char>(c) >= 0x20 && c != 0x7F));
  CHECK(json.find("\u0085") == std::string::npos);
  CHECK(parsed(json).root().string() == text);
  CHECK(quoted("a\xff"
               "b") ==
        "\"a\uFFFD"
        "b\"");
}

TEST_CASE("the dialect of Python reads what is not JSON, only if the caller asks for it") {
  const Limits python{.python_dialect = true};
  const auto document = Document::parse(
      R"({"a": NaN, "b": [1, -Infinity, 2], "c": {"x": 1, "x": {"y": [3, 4]}}, "d": 5, "a": 6,
          "d": {"e": 7, "e": 8}, "f": 1e999})",
      python);
  REQUIRE(document);
  const Value root = document->root();
  CHECK(root.size() == 5);
  CHECK(root.find("a")->unsigned_integer() == 6);
  CHECK(root.find("c")->size() == 1);
  CHECK(root.find("c")->find("x")->find("y")->size() == 2);
  CHECK(root.find("d")->find("e")->unsigned_integer() == 8);
  CHECK(root.find("f")->is(Kind::null));
  std::vector<Kind> kinds;
  for (const Value item : *root.find("b")) kinds.push_back(item.kind());
  CHECK(kinds == std::vector{Kind::number, Kind::null, Kind::number});
  std::string keys;
  for (const Value member : root) keys += member.key();
  CHECK(keys == "bcadf");
  CHECK(document->oddities().size() == 6);
  for (const char* text : {"NaN", "Infinity", "-Infinity", R"({"a": 1, "a": 2})", "1e999"}) {
    CAPTURE(text);
    CHECK(message_of(text) != "accepted");
    CHECK(Document::parse(text, python));
  }
  for (const char* text : {"nan", "inf", "-NaN", "NaNs", "+1", "[1,]", "{'a': 1}"}) {
    CAPTURE(text);
    CHECK(!Document::parse(text, python));
  }
}

TEST_CASE("endless oddities are counted to a limit, and endless duplicates cost little") {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += R"("a": NaN, )";
  const auto document = Document::parse(text + R"("b": 1})", {.python_dialect = true});
  REQUIRE(document);
  CHECK(document->root().size() == 2);
  CHECK(document->oddities().size() == Document::kOdditiesMax);
}

}  // namespace wmk::json
