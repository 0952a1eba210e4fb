// Outputs are written completely or not at all: a killed run, a full disk.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <random>

#include "embed/scheme/fitting_record.h"
#include "embed/scheme/release_digest.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

// Limits the size of files that this process can write, while this object lives: simulates a full
// disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    handler_ = ::signal(SIGXFSZ, SIG_IGN);  // as main() does
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_;
  void (*handler_)(int);
};

MarkableModel written(const Scratch& scratch, const char* architecture, const TinySizes& sizes) {
  std::filesystem::create_directory(scratch / "model");
  write_tiny_model(scratch / "model", architecture, sizes);
  return open_model(scratch / "model");
}

// Embeds in a child process and kills it after `delay`. Returns whether it was still running.
bool mark_and_kill(const MarkableModel& model, const crypto::SecretBytes& key,
                   const std::filesystem::path& out, std::chrono::microseconds delay) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto result = try_mark(model, key, out, {.shares = 2});
    ::_exit(result ? 0 : 1);
  }
  ::usleep(static_cast<useconds_t>(delay.count()));
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  // A child that was not killed must have succeeded.
  if (!WIFSIGNALED(status)) CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  return WIFSIGNALED(status);
}

}  // namespace

TEST_CASE("a killed embedding leaves nothing under the final name", "[embed][interrupted]") {
  Scratch scratch;
  const auto key = test_key("owner");
  const MarkableModel model =
      written(scratch, "llama", {.width = 64, .vocabulary = 2000, .layers = 4, .units = 1000});
  const auto start = std::chrono::steady_clock::now();
  mark(model, key, scratch / "whole", {.shares = 2});
  std::chrono::duration<double, std::micro> span = std::chrono::steady_clock::now() - start;
  const std::string weights = content_of(scratch / "whole/model.safetensors");

  std::mt19937_64 random(11);
  size_t killed = 0;
  for (int run = 0; run < 12 || (killed < 4 && run < 100); ++run) {
    // Delays from zero to a little more than a whole run, jittered. A run that finished earlier
    // means that the machine has become faster.
    const double part = (run % 12 + static_cast<double>(random() % 1000) / 1000) / 11;
    const bool caught =
        mark_and_kill(model, key, scratch / "out",
                      std::chrono::microseconds(static_cast<int64_t>(part * span.count())));
    killed += caught;
    if (!caught) span *= 0.9;
    CAPTURE(run, part);
    if (std::filesystem::exists(scratch / "out")) {
      CHECK((content_of(scratch / "out/model.safetensors") == weights));
      CHECK(content_of(scratch / "out/config.json") == content_of(scratch / "model/config.json"));
      const auto record = read_fitting_record(record_of(scratch / "out"), {});
      REQUIRE(record);
      CHECK(record->release_digest == must(release_digest(open_model(scratch / "out").checkpoint)));
    }
    if (std::filesystem::exists(record_of(scratch / "out"))) {
      CHECK(read_record(record_of(scratch / "out")));
    }
    std::filesystem::remove_all(scratch / "out");
    std::filesystem::remove(record_of(scratch / "out"));
    std::filesystem::remove(scratch / "out.mark.new");
  }
  CHECK(killed >= 4);

  // Temporary files of killed runs do not get in the way, and are removed.
  mark(model, key, scratch / "out", {.shares = 2});
  CHECK((content_of(scratch / "out/model.safetensors") == weights));
  CHECK(scratch.count() == 5);  // model, whole, out and two records
}

TEST_CASE("a full disk is an error and leaves nothing", "[embed][interrupted][bad-input]") {
  Scratch scratch;
  // The record's frames (128 x 256 floats a share) take more than the weights.
  TinySizes sizes{.width = 256, .vocabulary = 1300, .layers = 1, .units = 8};
  sizes.dtype = checkpoint::DType::f8_e4m3;
  const MarkableModel model = written(scratch, "cohere", sizes);
  const auto weights = std::filesystem::file_size(scratch / "model/model.safetensors");
  const auto key = test_key("owner");
  REQUIRE(weights > 100'000);
  for (const uintmax_t limit : {uintmax_t{100}, weights / 2, weights - 1, weights + 1000}) {
    CAPTURE(limit, weights);
    Result<EmbedResult> result = [&] {
      const FileSizeLimit full(limit);
      return try_mark(model, key, scratch / "out", {.shares = 4});
    }();
    REQUIRE_FALSE(result);
    CHECK(result.error().code() == ErrorCode::io);
    CHECK(scratch.count() == 1);  // the model itself
  }
  mark(model, key, scratch / "out", {.shares = 4});
  CHECK(std::filesystem::file_size(record_of(scratch / "out")) > weights + 1000);
}

TEST_CASE("an output or a record that exists is refused before any work", "[embed][interrupted]") {
  Scratch scratch;
  const MarkableModel model = written(scratch, "llama", {.width = 32, .vocabulary = 300});
  scratch.put("out.mark", "kept");
  const auto result = try_mark(model, test_key("owner"), scratch / "out", {});
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == ErrorCode::invalid_argument);
  CHECK(content_of(scratch / "out.mark") == "kept");
  CHECK_FALSE(std::filesystem::exists(scratch / "out"));
  std::filesystem::remove(scratch / "out.mark");
  scratch.put("out/kept", "1");
  CHECK_FALSE(try_mark(model, test_key("owner"), scratch / "out", {}));
  CHECK(content_of(scratch / "out/kept") == "1");
  CHECK(scratch.count() == 2);
  // A record in a folder that does not exist.
  std::filesystem::remove_all(scratch / "out");
  embed::EmbedRequest request;
  const auto key = test_key("owner");
  request.master = &key;
  request.out = scratch / "out";
  request.record = scratch / "nowhere/out.mark";
  const auto plan = must(plan_embedding(model.anatomy, request));
  const auto lost = embed::embed(model.checkpoint, model.anatomy, model.vocabulary, plan, request);
  REQUIRE_FALSE(lost);
  CHECK(lost.error().message().find("nowhere") != std::string::npos);
  CHECK(scratch.count() == 1);
}

}  // namespace wmk::embed
