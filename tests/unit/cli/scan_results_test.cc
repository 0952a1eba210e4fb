#include "cli/scan/scan_results.h"

#include "base/file.h"
#include "cli/scan/scan_run.h"
#include "embed/read/score.h"
#include "tests/unit/scratch.h"
#include "verify/claims/judge.h"

namespace wmk::cli {

namespace {

using test::Scratch;

constexpr const char* kHeader = "{\"schema\": \"weightmark/scan-lines/v1\"}\n";

std::string line_of(const std::string& suspect, const std::string& answer) {
  return "{\"suspect\": \"" + suspect + "\", \"answers\": [{" + answer + "}]}\n";
}
std::string hit(const std::string& suspect) {
  return line_of(suspect, R"("key": "wm1", "verdict": "conclusive", "z": 30.5, "log10_p": -199)");
}
std::string fault(const std::string& suspect) {
  return line_of(suspect, R"("key": "wm1", "error": {"message": "gone", "hint": null})");
}
std::string text_of(const std::filesystem::path& path) { return *read_text(path, 1 << 20); }

}  // namespace

TEST_CASE("results of a scan go on after a line that was cut", "[cli]") {
  const Scratch scratch;
  const auto path = scratch / "results.jsonl";
  {
    auto results = ScanResults::open(path, kHeader, false);
    REQUIRE(results);
    CHECK(results->done().empty());
    REQUIRE(results->append(hit("a")));
  }
  const std::string whole = text_of(path);
  for (size_t cut = 0; cut <= whole.size(); ++cut) {
    CAPTURE(cut);
    std::filesystem::remove(path);
    scratch.put("results.jsonl", whole.substr(0, cut));
    auto results = ScanResults::open(path, kHeader, false);
    REQUIRE(results);
    CHECK(results->done().size() == (cut == whole.size() ? 1 : 0));
    if (cut < whole.size()) REQUIRE(results->append(hit("a")));
    CHECK(text_of(path) == whole);
  }
}

TEST_CASE("a file of something else is left alone", "[cli]") {
  const Scratch scratch;
  for (const std::string& text : {std::string("a diary\n"), std::string("a diary"),
                                  std::string(kHeader) + "a diary\n", std::string("\n")}) {
    CAPTURE(text);
    std::filesystem::remove(scratch / "diary");
    const auto path = scratch.put("diary", text);
    CHECK_FALSE(ScanResults::open(path, kHeader, false));
    CHECK(text_of(path) == text);
    CHECK(ScanResults::open(path, kHeader, true));
    CHECK(text_of(path) == kHeader);
  }
  auto first = ScanResults::open(scratch / "results.jsonl", kHeader, false);
  REQUIRE(first);
  CHECK_FALSE(ScanResults::open(scratch / "results.jsonl", kHeader, true));
  CHECK_FALSE(ScanResults::open(scratch / "nowhere" / "results.jsonl", kHeader, true));
}

TEST_CASE("of the lines of a suspect the last one counts", "[cli]") {
  const Scratch scratch;
  const auto path =
      scratch.put("results.jsonl", kHeader + fault("a") + fault("b") + hit("c") + hit("a"));
  const auto results = ScanResults::open(path, kHeader, false);
  REQUIRE(results);
  CHECK(results->done() == std::set<std::string>{"a", "b", "c"});
  CHECK(results->failed() == std::set<std::string>{"b"});
  const auto tally = results->tally();
  REQUIRE(tally);
  CHECK(tally->answers == std::map<std::string, uint64_t>{{"conclusive", 2}, {"error", 1}});
  REQUIRE(tally->hits.size() == 2);
  CHECK(tally->hits[0].suspect == "c");
  CHECK(tally->hits[0].z == 30.5);
  CHECK(tally->hits[0].key == "wm1");
}

TEST_CASE("an answer of a scan is judged at its part of alpha", "[cli]") {
  const Scratch scratch;
  ScanOptions options;
  options.list = scratch.put("list", "a\n\n b \na\nc\n").string();
  for (const char* name : {"one", "two"}) {
    const auto path = scratch / name;
    REQUIRE(crypto::write_key_file(path, crypto::SecretBytes::random(32), nullptr));
    options.keys.push_back(path.string());
  }
  const auto plan = plan_scan(options);
  REQUIRE(plan);
  CHECK(plan->suspects == std::vector<std::string>{"a", "b", "c"});
  CHECK(plan->alpha_each == Approx(1e-9 / 6).epsilon(1e-12));
  const auto level = [](double z, double alpha) {
    return verify::yes_level(embed::ln_p(z, 448), alpha);
  };
  CHECK(level(7.4, options.detect.alpha) == report::Level::detected);
  CHECK_FALSE(level(7.4, plan->alpha_each));
  CHECK(level(7.6, plan->alpha_each) == report::Level::detected);
  options.records = {scratch.put("record", "nothing").string()};
  CHECK_FALSE(plan_scan(options));
}

}  // namespace wmk::cli
