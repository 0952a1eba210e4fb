#include "cli/scan/scan_results.h"

#include "base/file.h"
#include "tests/unit/scratch.h"

namespace wmk::cli {

namespace {

using test::Scratch;

const ScanAsked kAsked{"{\"schema\": \"weightmark/scan-lines/v1\", \"suspects\": 3}\n",
                       {{"a", "a"}, {"b", "b"}, {"c", "c"}},
                       {"wm1"}};

// `suspect`: "a" is number 1.
std::string line_of(const std::string& suspect, const std::string& answer) {
  return "{\"suspect\": \"" + suspect +
         "\", \"number\": " + std::to_string(suspect.front() - 'a' + 1) + ", \"answers\": [{" +
         answer + "}]}\n";
}
std::string hit(const std::string& suspect, const std::string& key = "wm1") {
  return line_of(suspect,
                 "\"key\": \"" + key + R"(", "verdict": "conclusive", "z": 30.5, "log10_p": -199)");
}
std::string fault(const std::string& suspect) {
  return line_of(suspect, R"("key": "wm1", "error": {"message": "gone", "hint": null})");
}
std::string text_of(const std::filesystem::path& path) { return *read_text(path, 1 << 20); }

}  // namespace

TEST_CASE("results of a scan go on after a line that was cut", "[cli][scan]") {
  const Scratch scratch;
  const auto path = scratch / "results.jsonl";
  {
    auto results = ScanResults::open(path, kAsked, false);
    REQUIRE(results);
    CHECK(results->count_done() == 0);
    REQUIRE(results->append(hit("a")));
    CHECK(results->count_done() == 1);
  }
  const std::string whole = text_of(path);
  for (size_t cut = 0; cut <= whole.size(); ++cut) {
    CAPTURE(cut);
    std::filesystem::remove(path);
    scratch.put("results.jsonl", whole.substr(0, cut));
    auto results = ScanResults::open(path, kAsked, false);
    REQUIRE(results);
    CHECK(results->count_done() == (cut == whole.size() ? 1 : 0));
    if (cut < whole.size()) REQUIRE(results->append(hit("a")));
    CHECK(text_of(path) == whole);
  }
}

TEST_CASE("a file of something else is left alone, whatever is asked", "[cli][scan]") {
  const Scratch scratch;
  for (const char* text : {"a diary\n", "a diary", "\n", "{\"schema\": \"weightmark/scan/v1\"}\n",
                           "{\"schema\": \"weightmark/scan-lines/v2\"}\n", "{}"}) {
    for (const bool anew : {false, true}) {
      CAPTURE(text, anew);
      std::filesystem::remove(scratch / "diary");
      const auto path = scratch.put("diary", text);
      const auto results = ScanResults::open(path, kAsked, anew);
      REQUIRE_FALSE(results);
      CHECK(results.error().message().find("something else than results of a scan") !=
            std::string::npos);
      CHECK_FALSE(results.error().hint().empty());
      CHECK(text_of(path) == text);
    }
  }
}

TEST_CASE("results of another scan are replaced only if that is asked", "[cli][scan]") {
  const Scratch scratch;
  const std::string other = "{\"schema\": \"weightmark/scan-lines/v1\", \"suspects\": 4}\n";
  for (const std::string& text :
       {other, other.substr(0, other.size() - 2), kAsked.header + "a diary\n"}) {
    CAPTURE(text);
    std::filesystem::remove(scratch / "results.jsonl");
    const auto path = scratch.put("results.jsonl", text);
    CHECK_FALSE(ScanResults::open(path, kAsked, false));
    CHECK(text_of(path) == text);
    CHECK(ScanResults::open(path, kAsked, true));
    CHECK(text_of(path) == kAsked.header);
  }
  const auto path = scratch.put("empty", "");
  CHECK(ScanResults::open(path, kAsked, true));
  const auto first = ScanResults::open(scratch / "results.jsonl", kAsked, false);
  REQUIRE(first);
  const auto second = ScanResults::open(scratch / "results.jsonl", kAsked, true);
  REQUIRE_FALSE(second);
  CHECK_FALSE(second.error().hint().empty());
  CHECK_FALSE(ScanResults::open(scratch / "nowhere" / "results.jsonl", kAsked, true));
}

TEST_CASE("of the lines of a suspect the last one counts", "[cli][scan]") {
  const Scratch scratch;
  const auto path = scratch.put("results.jsonl", kAsked.header + hit("c") + fault("a") + hit("b") +
                                                     fault("b") + hit("c") + hit("a"));
  auto results = ScanResults::open(path, kAsked, false);
  REQUIRE(results);
  CHECK(results->count_done() == 3);
  CHECK(results->has_error(1));
  CHECK_FALSE(results->has_error(0));
  ScanTally tally = results->tally();
  CHECK(tally.answers == ScanCounts{2, 0, 0, 0, 1});
  REQUIRE(tally.hits.size() == 2);
  CHECK(tally.hits[0].suspect == 0);  // in the order of the list
  CHECK(tally.hits[1].suspect == 2);
  CHECK(tally.hits[0].z == 30.5);
  CHECK(tally.hits[0].key == "wm1");
  REQUIRE(results->append(hit("b")));
  tally = results->tally();
  CHECK(tally.answers == ScanCounts{3, 0, 0, 0, 0});
  CHECK(tally.hits.size() == 3);
}

TEST_CASE("a line of another suspect or key is an error that names it", "[cli][scan]") {
  const Scratch scratch;
  const std::string twice = line_of("a", R"("key": "wm1", "verdict": "undecided"}, )"
                                         R"({"key": "wm1", "verdict": "undecided")");
  std::string renamed = hit("a"), unnumbered = hit("a");
  renamed.replace(renamed.find("\"a\""), 3, "\"x\"");
  unnumbered.replace(unnumbered.find("number"), 6, "figure");
  for (const std::string& line :
       {hit("d"), hit("a", "wm2"), twice, renamed, unnumbered,
        line_of("a", R"("key": "wm1", "verdict": "maybe")"), std::string("a diary\n")}) {
    CAPTURE(line);
    const auto path = scratch.put("results.jsonl", kAsked.header + hit("b") + line);
    const auto results = ScanResults::open(path, kAsked, false);
    REQUIRE_FALSE(results);
    CHECK(results.error().message().find("results.jsonl: line 3 is ") != std::string::npos);
    CHECK(results.error().hint().find("remove this line") == 0);
  }
}

}  // namespace wmk::cli
