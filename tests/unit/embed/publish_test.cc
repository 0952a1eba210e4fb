// A kill between the last steps of embedding: the release and its record fit, at every step.
#include "embed/mark/publish.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "embed/scheme/fitting_record.h"
#include "embed/scheme/release_digest.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/no_exchange.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;
namespace fs = std::filesystem;

constexpr int kLastStep = kPublishSteps + 1;

MarkableModel tiny(const Scratch& scratch) {
  fs::create_directory(scratch / "model");
  write_tiny_model(scratch / "model", "llama", {.width = 32, .vocabulary = 300});
  return open_model(scratch / "model");
}

constexpr int kKilledAtStep = 42, kFinished = 0, kNoFilter = 2;

// When the child process dies, and whether its file system can exchange two names.
struct Run {
  int dies_before_step = -1, dies_at_rename = -1;
  bool exchanges = true, replace = true;
};

// Marks in a child process; its exit code.
int mark_in_child(const Run& run, const MarkableModel& model, std::string_view key,
                  const fs::path& out) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (!run.exchanges && !begin_no_exchange(run.dies_at_rename)) ::_exit(kNoFilter);
    Marking marking{.replace = run.replace};
    marking.before_publish_step = [&](int now) {
      if (now == run.dies_before_step) ::_exit(kKilledAtStep);
    };
    ::_exit(try_mark(model, test_key(key), out, marking) ? kFinished : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

// Whether this machine can take the ability to exchange from a process.
bool can_filter() {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(begin_no_exchange(-1) ? kFinished : kNoFilter);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  const bool can = WIFEXITED(status) && WEXITSTATUS(status) == kFinished;
  if (!can) WARN("skipped: system calls cannot be filtered here");
  return can;
}

std::string digest_at(const fs::path& release) {
  return must(release_digest(must(checkpoint::Checkpoint::open(release))));
}

void check_fits(const fs::path& out, const fs::path& suspect) {
  const MarkRecord record = must(read_fitting_record(record_of(out), {suspect}));
  CHECK(record.release_digest == digest_at(out));
}

}  // namespace

TEST_CASE("after a kill at any step of --force, the release and its record fit",
          "[embed][interrupted]") {
  const bool exchanges = GENERATE(true, false);
  if (!exchanges && !can_filter()) return;
  CAPTURE(exchanges);
  for (int step = 0; step <= kLastStep; ++step) {
    CAPTURE(step);
    const Scratch scratch;
    const MarkableModel model = tiny(scratch);
    const fs::path out = scratch / "out";
    mark(model, test_key("old"), out);
    const std::string before = digest_at(out);
    const Run run{.dies_before_step = step, .exchanges = exchanges};
    REQUIRE(mark_in_child(run, model, "new", out) == kKilledAtStep);
    CHECK((digest_at(out) == before) == (step <= 2));
    check_fits(out, out);
    check_fits(out, scratch / "model");  // the suspect need not be the release
    // The plain reader is wrong at one step: this is what the digest is for.
    CHECK((must(read_record(record_of(out))).release_digest == digest_at(out)) == (step != 3));
    // A second run that is killed again, at every step.
    for (int again = 0; again <= kLastStep; ++again) {
      CAPTURE(again);
      const Run second{.dies_before_step = again, .exchanges = exchanges};
      REQUIRE(mark_in_child(second, model, "third", out) == kKilledAtStep);
      check_fits(out, out);
    }
    mark(model, test_key("last"), out, {.replace = true});
    check_fits(out, out);
    CHECK(scratch.count() == 3);  // model, out, out.mark
  }
}

TEST_CASE("without an exchange, a kill at any rename leaves a release and a record that fit",
          "[embed][interrupted]") {
  if (!can_filter()) return;
  int finished = 0, without_out = 0;
  for (int rename = 0; finished == 0; ++rename) {
    CAPTURE(rename);
    const Scratch scratch;
    const MarkableModel model = tiny(scratch);
    const fs::path out = scratch / "out";
    mark(model, test_key("old"), out);
    const std::string before = digest_at(out);
    const Run run{.dies_at_rename = rename, .exchanges = false};
    const int code = mark_in_child(run, model, "new", out);
    finished += code == kFinished;
    REQUIRE((code == kFinished || code == kKilledAtRename));
    CHECK((fs::exists(scratch / "out.partial.old") || code == kFinished || rename < 2));
    if (fs::exists(out)) {
      check_fits(out, out);
      check_fits(out, scratch / "model");
    } else {  // between moving the old release away and naming the new one
      ++without_out;
      const fs::path aside = scratch / "out.partial.old";
      CHECK(digest_at(aside) == before);
      CHECK(must(read_fitting_record(record_of(out), {aside})).release_digest == before);
      // A run that may not replace it puts it back.
      CHECK(!try_mark(model, test_key("other"), out, {}));
      CHECK(digest_at(out) == before);
      check_fits(out, out);
      REQUIRE(mark_in_child(run, model, "new", out) == kKilledAtRename);
    }
    // A second run that is killed again, at every rename.
    for (int again = 0; again <= rename; ++again) {
      CAPTURE(again);
      (void)mark_in_child({.dies_at_rename = again, .exchanges = false}, model, "third", out);
      if (fs::exists(out)) check_fits(out, out);
    }
    REQUIRE(mark_in_child({.exchanges = false}, model, "last", out) == kFinished);
    check_fits(out, out);
    CHECK(scratch.count() == 3);  // model, out, out.mark
  }
  CHECK(without_out == 1);
}

TEST_CASE("after a kill at any step of a first run, a release has its record",
          "[embed][interrupted]") {
  for (int step = 0; step <= kLastStep; ++step) {
    CAPTURE(step);
    const Scratch scratch;
    const MarkableModel model = tiny(scratch);
    const fs::path out = scratch / "out";
    const Run run{.dies_before_step = step, .replace = false};
    REQUIRE(mark_in_child(run, model, "new", out) == kKilledAtStep);
    CHECK(fs::exists(out) == (step > 2));
    if (fs::exists(out)) check_fits(out, out);
    CHECK(fs::exists(record_of(out)) == (step > 3));
  }
}

TEST_CASE("a record left by a killed run is not taken for another release",
          "[embed][interrupted]") {
  const Scratch scratch;
  const MarkableModel model = tiny(scratch);
  mark(model, test_key("old"), scratch / "out");
  const std::string record = content_of(record_of(scratch / "out"));
  mark(model, test_key("other"), scratch / "elsewhere");
  fs::copy_file(record_of(scratch / "elsewhere"), scratch / "out.mark.new");
  check_fits(scratch / "out", scratch / "model");
  // Damaged, it is ignored.
  scratch.put("out.mark.new", "weightmark mark record, version 1\n\x08");
  check_fits(scratch / "out", scratch / "out");
  CHECK(content_of(record_of(scratch / "out")) == record);
}

TEST_CASE("the digest of a release does not depend on names, and changes with any marked tensor",
          "[embed][record]") {
  const Scratch scratch;
  const MarkableModel model = tiny(scratch);
  const std::string digest = digest_at(scratch / "model");
  fs::copy_file(scratch / "model/model.safetensors", scratch / "other.safetensors");
  CHECK(digest_at(scratch / "other.safetensors") == digest);
  mark(model, test_key("a"), scratch / "a");
  mark(model, test_key("b"), scratch / "b");
  CHECK(digest_at(scratch / "a") != digest);
  CHECK(digest_at(scratch / "a") != digest_at(scratch / "b"));
}

}  // namespace wmk::embed
