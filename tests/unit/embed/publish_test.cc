// A kill between the last steps of embedding: the release and its record fit, at every step.
#include "embed/mark/publish.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "embed/scheme/fitting_record.h"
#include "embed/scheme/release_digest.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
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

// Marks in a child process that dies before `step`.
void mark_until(int step, const MarkableModel& model, std::string_view key, const fs::path& out,
                bool replace) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Marking marking{.replace = replace};
    marking.before_publish_step = [step](int now) {
      if (now == step) ::_exit(42);
    };
    (void)try_mark(model, test_key(key), out, marking);
    ::_exit(1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE((WIFEXITED(status) && WEXITSTATUS(status) == 42));
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
  for (int step = 0; step <= kLastStep; ++step) {
    CAPTURE(step);
    const Scratch scratch;
    const MarkableModel model = tiny(scratch);
    const fs::path out = scratch / "out";
    mark(model, test_key("old"), out);
    const std::string before = digest_at(out);
    mark_until(step, model, "new", out, true);
    CHECK((digest_at(out) == before) == (step <= 2));
    check_fits(out, out);
    check_fits(out, scratch / "model");  // the suspect need not be the release
    // The plain reader is wrong at one step: this is what the digest is for.
    CHECK((must(read_record(record_of(out))).release_digest == digest_at(out)) == (step != 3));
    // A second run that is killed again, at every step.
    for (int again = 0; again <= kLastStep; ++again) {
      CAPTURE(again);
      mark_until(again, model, "third", out, true);
      check_fits(out, out);
    }
    mark(model, test_key("last"), out, {.replace = true});
    check_fits(out, out);
    CHECK(scratch.count() == 3);  // model, out, out.mark
  }
}

TEST_CASE("after a kill at any step of a first run, a release has its record",
          "[embed][interrupted]") {
  for (int step = 0; step <= kLastStep; ++step) {
    CAPTURE(step);
    const Scratch scratch;
    const MarkableModel model = tiny(scratch);
    const fs::path out = scratch / "out";
    mark_until(step, model, "new", out, false);
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
