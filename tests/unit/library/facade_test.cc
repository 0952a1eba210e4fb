// The facade of include/weightmark: files and memory give the same answers.
#include "library/facade/sentences.h"
#include "lineage/verdict_wording.h"
#include "tests/unit/library/facade_case.h"

namespace weightmark {
namespace {

using test::Case;
using test::value;
using wmk::test::content_of;
using wmk::test::Scratch;
namespace fs = std::filesystem;

}  // namespace

TEST_CASE("tensors in memory are marked and read as files are", "[library]") {
  Case test;
  const Model files{test.path("model")};
  const EmbedOptions strong{.strength = 0.02, .shares = 1};
  const Marked written = value(embed(files, test.key, test.path("marked"), strong));
  CHECK(written.key == test.key.fingerprint());
  CHECK(fs::exists(test.path("marked.mark")));

  const Model memory = test.in_memory();
  const Marked changed = value(embed_in_place(memory, test.key, strong));
  CHECK(changed.z == written.z);
  CHECK(changed.record.empty());
  wmk::test::write_safetensors(test.scratch / "changed.safetensors", test.tensors);
  CHECK(content_of(test.scratch / "changed.safetensors") ==
        content_of(test.scratch / "marked" / "model.safetensors"));

  const DetectOptions all{.full = true, .by_layer = true};
  const Detection in_files = value(detect({test.path("marked")}, test.key, all));
  const Detection in_memory = value(detect(memory, test.key, all));
  CHECK(in_files.is_yes());
  CHECK(in_files.z == in_memory.z);
  CHECK(in_files.log10_p == in_memory.log10_p);
  CHECK(in_files.finding == in_memory.finding);
  CHECK(in_files.groups.size() == in_memory.groups.size());
  CHECK(in_files.weights_read == in_memory.weights_read);

  const Key other = *Key::generate();
  CHECK_FALSE(value(detect(memory, other, all)).is_yes());
}

TEST_CASE("a run that is cancelled says so and leaves nothing behind", "[library]") {
  Case test;
  const Run stop{.threads = 2, .progress = [](const Progress&) { return false; }};
  const auto marked = embed({test.path("model")}, test.key, test.path("out"), {}, stop);
  REQUIRE_FALSE(marked);
  CHECK(marked.error().kind == ErrorKind::cancelled);
  CHECK(test.scratch.count() == 1);  // the model
  const auto found = detect({test.path("model")}, test.key, {}, stop);
  REQUIRE_FALSE(found);
  CHECK(found.error().kind == ErrorKind::cancelled);
}

TEST_CASE("progress is told in stages, and the answer does not depend on threads", "[library]") {
  Case test;
  std::vector<std::string> stages;
  const Run told{.threads = 2, .progress = [&](const Progress& progress) {
                   CHECK(progress.done <= progress.total);
                   if (stages.empty() || stages.back() != progress.stage) {
                     stages.emplace_back(progress.stage);
                   }
                   return true;
                 }};
  const auto two = value(detect({test.path("model")}, test.key, {.full = true}, told));
  CHECK_FALSE(stages.empty());
  const auto one = value(detect({test.path("model")}, test.key, {.full = true}, {.threads = 1}));
  CHECK(one.z == two.z);
}

TEST_CASE("bad requests of the facade are errors with a kind", "[library]") {
  Case test;
  Model memory = test.in_memory();
  memory.tensors[0].dtype = "F12";
  CHECK(detect(memory, test.key).error().kind == ErrorKind::invalid_argument);
  memory = test.in_memory();
  memory.tensors[0].bytes -= 2;
  CHECK_FALSE(detect(memory, test.key));
  memory = test.in_memory();
  memory.tensors[0].data = nullptr;
  CHECK(detect(memory, test.key).error().kind == ErrorKind::invalid_argument);
  CHECK(detect({test.path("nothing")}, test.key).error().kind == ErrorKind::io);
  const Model files{test.path("model")};
  CHECK(embed_in_place(files, test.key).error().kind == ErrorKind::invalid_argument);
  CHECK(detect(files, test.key, {.readings = "some"}).error().kind == ErrorKind::invalid_argument);
  CHECK(detect(files, test.key, {.sites = "tail"}).error().kind == ErrorKind::invalid_argument);
  CHECK(detect({}, test.key).error().kind == ErrorKind::invalid_argument);
  CHECK(embed(files, test.key, "").error().kind == ErrorKind::invalid_argument);
  for (const DetectOptions& empty :
       {DetectOptions{.release = Model()}, DetectOptions{.original = Model()},
        DetectOptions{.controls = {Model()}}}) {
    CHECK(detect(files, test.key, empty).error().kind == ErrorKind::invalid_argument);
  }
}

TEST_CASE("values of the facade have the words of --json", "[library]") {
  CHECK(to_string(Verdict::conclusive) == "conclusive");
  CHECK(to_string(Verdict::not_found) == "not_found");
  CHECK(to_string(Ruling::not_found) == "not_found");
  CHECK(to_string(Ruling::refused) == "refused");
  CHECK(to_string(Lineage::derived) == "derived");
  CHECK(to_string(Lineage::not_enough_evidence) == "not_enough_evidence");
  CHECK(to_string(ErrorKind::invalid_argument) == "invalid_argument");
  CHECK(to_string(ErrorKind::internal) == "internal");
  CHECK(to_string(static_cast<Verdict>(4)).empty());
  // The program's own words.
  for (int i = 0; i < 4; ++i) {
    const auto level = static_cast<wmk::report::Level>(i);
    CHECK(to_string(wmk::library::public_verdict(level)) == wmk::report::to_string(level));
  }
  for (int i = 0; i < 6; ++i) {
    CHECK(to_string(static_cast<Lineage>(i)) ==
          wmk::lineage::wording_of(static_cast<wmk::lineage::LineageVerdict>(i)).code);
  }
}

TEST_CASE("a model in memory takes no files from outside of its folder", "[library]") {
  Case test;
  const Model memory = test.in_memory();
  const auto outside = test.scratch.put("outside.json", "{}");
  fs::create_symlink(outside, test.scratch / "model" / "notes.json");
  const auto found = detect(memory, test.key);
  REQUIRE_FALSE(found);
  CHECK(found.error().message.find("notes.json") != std::string::npos);
  fs::remove(test.scratch / "model" / "notes.json");
  CHECK(detect(memory, test.key));
}

TEST_CASE("keys of the facade are those of key files", "[library]") {
  const Scratch scratch;
  const Key key = *Key::generate();
  const std::string plain = (scratch / "plain").string(), sealed = (scratch / "sealed").string();
  REQUIRE(key.write(plain));
  REQUIRE(key.write(sealed, "a passphrase"));
  CHECK_FALSE(key.write(plain));
  Key first = key;
  const Key second = std::move(first);
  CHECK(first.fingerprint() == key.fingerprint());  // NOLINT: it stays a key
  CHECK(second.fingerprint() == key.fingerprint());
  CHECK(value(Key::read(plain)).fingerprint() == key.fingerprint());
  CHECK(value(Key::read(sealed, "a passphrase")).fingerprint() == key.fingerprint());
  CHECK_FALSE(Key::read(sealed));
  CHECK_FALSE(Key::read(sealed, "another"));
  CHECK(version() == "0.1.0");
}

}  // namespace weightmark
