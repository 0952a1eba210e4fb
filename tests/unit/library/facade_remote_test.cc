// The facade on models behind an address: what a *no* says of a folder that cannot be listed.
#include "library/words/trace_words.h"
#include "tests/unit/library/facade_case.h"
#include "tests/unit/remote/served_files.h"

namespace weightmark {
namespace {

using test::Case;
using test::value;
using test::fs::directory_iterator;
using wmk::test::Files;

// A mark of 3 % shows z near 40 here, so half of it would be seen.
constexpr wmk::test::TinySizes kLarge = {.width = 64,
                                         .vocabulary = 500,
                                         .layers = 4,
                                         .units = 2960,
                                         .dtype = wmk::checkpoint::DType::f32,
                                         .seed = 31,
                                         .words = true};
constexpr std::string_view kSelects = R"({"fast_tokenizer_files": ["tokenizer.4.0.0.json"]})";

Files files_of(const std::string& folder) {
  Files out;
  for (const auto& entry : directory_iterator(folder)) {
    out["/m/" + entry.path().filename().string()] = test::content_of(entry.path());
  }
  return out;
}

bool says_unlisted(const std::string& finding) {
  return finding.find(
             "only files with usual names were asked for, and others on the server are "
             "not excluded") != std::string::npos;
}

}  // namespace

TEST_CASE("a no about a folder on a server says that others of its files are not excluded",
          "[library][remote]") {
  const Case test(kLarge);
  static_cast<void>(value(
      embed({test.path("model")}, test.key, test.path("marked"), {.strength = 0.03, .shares = 1})));
  const DetectOptions wanted{.record = test.path("marked.mark")};
  const Files files = files_of(test.path("model"));
  const wmk::test::HttpServer server(wmk::test::serving(files));
  const auto finding_of = [&](const std::string& path) {
    const Detection found = value(detect({path}, test.key, wanted));
    CHECK(found.verdict == Verdict::not_found);
    return found.finding;
  };
  CHECK(says_unlisted(finding_of(server.url("/m/"))));
  CHECK_FALSE(says_unlisted(finding_of(test.path("model"))));
  CHECK_FALSE(says_unlisted(finding_of(server.url("/m/model.safetensors"))));

  wmk::verify::Trace trace;
  trace.level = wmk::report::Level::not_found;
  CHECK_FALSE(says_unlisted(wmk::library::finding(trace)));
  trace.is_unlisted = true;
  CHECK(says_unlisted(wmk::library::finding(trace)));
}

TEST_CASE("a selected tokenizer is read over the network, and without it there is no no",
          "[library][remote]") {
  const Case test(kLarge);
  static_cast<void>(value(
      embed({test.path("model")}, test.key, test.path("marked"), {.strength = 0.03, .shares = 1})));
  Files files = files_of(test.path("marked"));
  files["/m/tokenizer_config.json"] = kSelects;
  files["/m/tokenizer.4.0.0.json"] = files["/m/tokenizer.json"];
  files["/m/tokenizer.json"] = R"({"model": {"vocab": {"decoy": 0}}})";
  const wmk::test::HttpServer server(wmk::test::serving(files));
  CHECK(value(detect({server.url("/m/")}, test.key, {.shares = 1})).verdict == Verdict::conclusive);

  const std::string plain = test.path("model");
  test.scratch.put("model/tokenizer_config.json", std::string(kSelects));
  const Files without = files_of(plain);
  const wmk::test::HttpServer other(wmk::test::serving(without));
  for (const std::string& named : {plain, other.url("/m/")}) {
    const Detection found = value(detect({named}, test.key, {.record = test.path("marked.mark")}));
    CHECK(found.verdict == Verdict::undecided);
    CHECK(found.reason.find("selects 'tokenizer.4.0.0.json', which is not") != std::string::npos);
  }
}

}  // namespace weightmark
