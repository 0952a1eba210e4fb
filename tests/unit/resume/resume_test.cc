// An embedding that goes on where another one was interrupted.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "crypto/key_file.h"
#include "embed/resume/resumption.h"
#include "embed/resume/shard_digest.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;
namespace fs = std::filesystem;

constexpr size_t kShards = 4;
constexpr int kDied = 42;

MarkableModel sharded(const Scratch& scratch, const char* name = "model") {
  const TinySizes sizes{.width = 64, .vocabulary = 500, .layers = 6, .units = 200};
  fs::create_directory(scratch / name);
  write_tiny_model(scratch / name, "llama", sizes);
  fs::remove(scratch / name / "model.safetensors");
  write_sharded(scratch / name, tiny_tensors("llama", sizes), kShards);
  return open_model(scratch / name);
}

// Marks in a child process that dies after a stage. Whether it did.
bool dies_after(int stage, const MarkableModel& model, const fs::path& out,
                std::string_view key = "owner") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Marking marking{.resume = true};
    marking.after_stage = [&](int now) {
      if (now == stage) ::_exit(kDied);
    };
    ::_exit(try_mark(model, test_key(key), out, marking) ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status) == kDied;
}

void check_same(const fs::path& out, const fs::path& whole) {
  for (const auto& entry : fs::directory_iterator(whole)) {
    CAPTURE(entry.path());
    CHECK((content_of(out / entry.path().filename()) == content_of(entry.path())));
  }
  CHECK((content_of(record_of(out)) == content_of(record_of(whole))));
}

Journal sample_journal() {
  Journal out;
  out.run = {"0.1.0", "common", crypto::fingerprint(test_key("owner")), "aa", "bb"};
  out.stages = {{{0.1, 2.5, 30, 2, 1}, {}}, {{1e-300, 1e300, 7, 0, 0}, {0.25, 4, 5, 0, 0}}};
  out.shards = {{"model-00001-of-00002.safetensors", 123, crypto::tree_leaf(as_bytes("x"))}};
  return out;
}

std::string refusal(const MarkableModel& model, std::string_view key, const fs::path& out,
                    const Marking& marking) {
  const auto found = try_mark(model, test_key(key), out, marking);
  return found ? "" : found.error().message();
}

}  // namespace

TEST_CASE("a marking that dies after any stage goes on to the same bytes", "[embed][resume]") {
  Scratch scratch;
  const MarkableModel model = sharded(scratch);
  mark(model, test_key("owner"), scratch / "whole");
  for (int stage = 0; stage <= static_cast<int>(kShards); ++stage) {
    CAPTURE(stage);
    const fs::path out = scratch / cat("out", stage);
    REQUIRE(dies_after(stage, model, out));
    const bool has_journal = fs::exists(out.string() + ".partial.journal");
    const EmbedResult whole = mark(model, test_key("owner"), scratch / cat("again", stage));
    const EmbedResult found = mark(model, test_key("owner"), out, {.threads = 2, .resume = true});
    CHECK(found.resume.shards == kShards);
    CHECK((found.resume.kept > 0) == has_journal);
    CHECK(found.resume.rewritten.empty());
    CHECK(found.change.relative() == whole.change.relative());
    CHECK(found.head_change.relative() == whole.head_change.relative());
    CHECK(found.change.units == whole.change.units);
    check_same(out, scratch / "whole");
    CHECK_FALSE(fs::exists(out.string() + ".partial.journal"));
    CHECK_FALSE(fs::exists(out.string() + ".partial"));
  }
}

TEST_CASE("all shards but those in work are finished when a marking dies", "[embed][resume]") {
  Scratch scratch;
  const MarkableModel model = sharded(scratch);
  REQUIRE(dies_after(kShards, model, scratch / "out"));
  CHECK(mark(model, test_key("owner"), scratch / "out", {.resume = true}).resume.kept == kShards);
  REQUIRE(dies_after(kShards - 1, model, scratch / "other"));
  const auto kept = mark(model, test_key("owner"), scratch / "other", {.resume = true}).resume.kept;
  CHECK(kept >= kShards - 2);
}

TEST_CASE("a run that differs does not go on, and removes nothing", "[embed][resume]") {
  Scratch scratch;
  const MarkableModel model = sharded(scratch);
  const fs::path out = scratch / "out";
  REQUIRE(dies_after(2, model, out));
  const std::string journal = content_of(out.string() + ".partial.journal");
  CHECK(refusal(model, "other", out, {.resume = true}).find("another key") != std::string::npos);
  for (const Marking& marking :
       {Marking{.strength = 0.02, .resume = true}, Marking{.shares = 2, .resume = true},
        Marking{.licensee = "acme", .resume = true}}) {
    CHECK(refusal(model, "owner", out, marking).find("other options") != std::string::npos);
  }
  CHECK(refusal(model, "owner", out, {}).find("interrupted run") != std::string::npos);
  const MarkableModel same = sharded(scratch, "copy");
  CHECK(refusal(same, "owner", out, {.resume = true}).find("has changed") != std::string::npos);
  CHECK(content_of(out.string() + ".partial.journal") == journal);
  CHECK(mark(model, test_key("owner"), out, {.resume = true}).resume.kept > 0);
}

TEST_CASE("a finished shard that was changed is written again", "[embed][resume]") {
  Scratch scratch;
  const MarkableModel model = sharded(scratch);
  mark(model, test_key("owner"), scratch / "whole");
  const fs::path out = scratch / "out", partial = out.string() + ".partial";
  REQUIRE(dies_after(kShards, model, out));
  const fs::path name = model.checkpoint.files()[1].path().filename();
  std::string bytes = content_of(partial / name);
  bytes[bytes.size() / 2] ^= 1;
  scratch.put(cat("out.partial/", name.string()), bytes);
  fs::remove(partial / model.checkpoint.files()[2].path().filename());
  const EmbedResult found = mark(model, test_key("owner"), out, {.resume = true});
  CHECK(found.resume.kept == kShards - 2);
  CHECK(found.resume.rewritten.size() == 2);
  check_same(out, scratch / "whole");
}

TEST_CASE("a run goes on through no link", "[embed][resume]") {
  Scratch scratch;
  const MarkableModel model = sharded(scratch);
  mark(model, test_key("owner"), scratch / "whole");
  const fs::path out = scratch / "out", partial = out.string() + ".partial";
  REQUIRE(dies_after(2, model, out));
  SECTION("hard: the other file keeps its bytes") {
    const fs::path other = scratch.put("precious", "text");
    const fs::path name = model.checkpoint.files()[kShards - 1].path().filename();
    fs::remove(partial / name);
    fs::create_hard_link(other, partial / name);
    mark(model, test_key("owner"), out, {.resume = true});
    CHECK(content_of(other) == "text");
    check_same(out, scratch / "whole");
  }
  SECTION("symbolic, of the whole folder: an error, and nothing behind it is touched") {
    fs::rename(partial, scratch / "elsewhere");
    const fs::path kept = scratch.put("elsewhere/notes", "text");
    fs::create_directory_symlink(scratch / "elsewhere", partial);
    CHECK(refusal(model, "owner", out, {.resume = true}).find("a link") != std::string::npos);
    CHECK(content_of(kept) == "text");
  }
  SECTION("a file where a folder should be") {
    fs::remove_all(partial);
    scratch.put("out.partial", "text");
    CHECK(refusal(model, "owner", out, {.resume = true}).find("no folder") != std::string::npos);
  }
}

TEST_CASE("after an error of the disk, finished shards stay", "[embed][resume]") {
  Scratch scratch;
  const MarkableModel model = sharded(scratch);
  mark(model, test_key("owner"), scratch / "whole");
  const fs::path out = scratch / "out";
  Marking marking{.resume = true};
  // The journal cannot be written any more.
  marking.after_stage = [&](int stage) {
    if (stage == 2) fs::create_directories(out.string() + ".partial.journal.new/in/the/way");
  };
  const auto found = try_mark(model, test_key("owner"), out, marking);
  REQUIRE_FALSE(found);
  CHECK(found.error().code() == ErrorCode::io);
  CHECK(found.error().hint().find("--resume") != std::string::npos);
  fs::remove_all(out.string() + ".partial.journal.new");
  CHECK(mark(model, test_key("owner"), out, {.resume = true}).resume.kept > 0);
  check_same(out, scratch / "whole");
}

TEST_CASE("the journal holds neither key nor licensee, and comes back as it was",
          "[embed][resume]") {
  const auto key = test_key("owner");
  const Journal journal = sample_journal();
  const Journal found = must(parse_journal(journal_text(journal, key), key));
  CHECK(found.run == journal.run);
  REQUIRE(found.stages.size() == 2);
  CHECK(found.stages[1].ffn.difference_squared == 1e-300);
  CHECK(found.stages[1].ffn.norm_squared == 1e300);
  CHECK(found.stages[0].ffn.skipped == 2);
  REQUIRE(found.shards.size() == 1);
  CHECK(found.shards[0].bytes == 123);
  CHECK(found.shards[0].digest == journal.shards[0].digest);
  Scratch scratch;
  const MarkableModel model = sharded(scratch);
  REQUIRE(dies_after(2, model, scratch / "out"));
  const std::string text = content_of(scratch / "out.partial.journal");
  CHECK(text.find(to_hex(key.reveal())) == std::string::npos);
  CHECK((fs::status(scratch / "out.partial.journal").permissions() & fs::perms::others_all) ==
        fs::perms::none);
}

TEST_CASE("a damaged journal, or one of somebody else, is refused", "[embed][resume][bad-input]") {
  const auto key = test_key("owner");
  const std::string text = journal_text(sample_journal(), key);
  for (size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] ^= 1;
    // A changed fingerprint names another key, which is refused by its name.
    const auto found = parse_journal(changed, key);
    CAPTURE(at);
    if (found) CHECK(found->run.key != sample_journal().run.key);
  }
  for (size_t length = 0; length < text.size(); ++length) {
    CHECK_FALSE(parse_journal(text.substr(0, length), key));
  }
  CHECK_FALSE(parse_journal(text + text, key));
  Journal forged = sample_journal();
  CHECK_FALSE(parse_journal(journal_text(forged, test_key("other")), key));
}

TEST_CASE("the digest of a shard is the Merkle root of its pieces", "[embed][resume]") {
  Scratch scratch;
  std::string bytes(kShardPieceBytes + 5, 'a');
  scratch.put("shard", bytes);
  const auto file = must(ReadFile::open(scratch / "shard"));
  const crypto::TreeHash leaves[] = {
      crypto::tree_leaf(as_bytes(std::string_view(bytes).substr(0, kShardPieceBytes))),
      crypto::tree_leaf(as_bytes(std::string_view(bytes).substr(kShardPieceBytes)))};
  CHECK(must(shard_digest(file, 1, nullptr)) == crypto::tree_root(leaves));
  CHECK(must(shard_digest(file, 3, nullptr)) == crypto::tree_root(leaves));
}

}  // namespace wmk::embed
