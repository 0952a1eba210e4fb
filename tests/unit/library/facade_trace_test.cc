// The facade on licensees: trace, in weights.
#include "tests/unit/library/facade_case.h"

namespace weightmark {
namespace {

using test::Case;
using test::value;

// A copy for "alice".
struct LicensedCase : Case {
  LicensedCase() {
    const EmbedOptions options{.strength = 0.03, .shares = 1, .licensee = "alice"};
    static_cast<void>(value(embed({path("model")}, key, path("copy"), options)));
  }
};

const std::vector<std::string> kIds = {"bob", "alice", "carol", "alice"};

}  // namespace

TEST_CASE("a trace names the licensee of a copy, and another key names nobody", "[library]") {
  LicensedCase test;
  const Model copy{test.path("copy")};
  const Trace found = value(trace(copy, test.key, {.ids = kIds}));
  CHECK(found.is_yes());
  CHECK(found.named == 1);
  CHECK(found.tested == 3);
  REQUIRE_FALSE(found.licensees.empty());
  CHECK(found.licensees[0].id == "alice");
  CHECK(found.licensees[0].log10_p < -9);
  CHECK(found.finding.find("'alice'") != std::string::npos);
  CHECK(found.key == test.key.fingerprint());

  const Key other = *Key::generate();
  const Trace wrong = value(trace(copy, other, {.ids = kIds}));
  CHECK_FALSE(wrong.is_yes());
  CHECK(wrong.named == 0);
}

TEST_CASE("a list of licensees is that of its ids, and the release can be subtracted",
          "[library]") {
  LicensedCase test;
  const Model copy{test.path("copy")};
  const std::string list = test.scratch.put("ids.txt", "bob\n\n alice\ncarol\nalice\n").string();
  const Trace by_list = value(trace(copy, test.key, {.list = list}));
  const Trace by_ids = value(trace(copy, test.key, {.ids = kIds}));
  CHECK(by_list.licensees[0].z == by_ids.licensees[0].z);
  CHECK(by_list.licensees[0].log10_p == by_ids.licensees[0].log10_p);

  const TraceOptions release{.subtracted = Model{test.path("model")}};
  const Trace without = value(trace(copy, test.key, {.ids = kIds}, release));
  CHECK(without.licensees[0].id == "alice");
  CHECK(without.claim == "conditional");
  CHECK(without.licensees[0].z > by_ids.licensees[0].z);
}

TEST_CASE("a trace needs its licensees from one source", "[library]") {
  Case test;
  const Model model{test.path("model")};
  CHECK(trace(model, test.key, {}).error().kind == ErrorKind::invalid_argument);
  CHECK(trace(model, test.key, {.ids = {"a"}, .list = "b"}).error().kind ==
        ErrorKind::invalid_argument);
  CHECK(trace(model, test.key, {.ids = {" "}}).error().kind == ErrorKind::malformed);
  CHECK(trace(model, test.key, {.list = test.path("none")}).error().kind == ErrorKind::io);
  const Run stop{.threads = 2, .progress = [](const Progress&) { return false; }};
  CHECK(trace(model, test.key, {.ids = {"a"}}, {}, stop).error().kind == ErrorKind::cancelled);
}

}  // namespace weightmark
