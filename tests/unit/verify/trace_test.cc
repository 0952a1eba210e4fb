// Tracing: whose copy is this?
#include "verify/trace/trace.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "base/text.h"
#include "embed/output/output_signs.h"
#include "lab/attacks.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/embed/mark_vectors.h"
#include "tests/unit/scratch.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;
using report::Level;
using namespace std::string_literals;

// Width 128: the trace has 3 x 64 x 64 entries, so every block of the code is filled.
const TinySizes kTracedSizes = {
    .width = 128, .vocabulary = 600, .layers = 2, .units = 560, .seed = 6};

std::vector<std::string> fifty() {
  std::vector<std::string> ids;
  for (int i = 0; i < 50; ++i) ids.push_back(cat("licensee ", i));
  return ids;
}

Subject subject_of(const MarkableModel& model) {
  return {&model.checkpoint, &model.anatomy, &model.vocabulary};
}

// The same model with new random numbers in its FFN.
MarkableModel without_ffn(const MarkableModel& model, const Scratch& scratch) {
  auto tensors = tensors_of(model);
  for (StoredTensor& tensor : tensors) {
    if (tensor.name.find("mlp") == std::string::npos) continue;
    const size_t count = tensor.data.size() / sizeof(float);
    tensor = stored(tensor.name, checkpoint::DType::f32, tensor.shape, uniform(count, count));
  }
  std::filesystem::create_directories(scratch / "new");
  return write_model(scratch / "new", tensors, model);
}

// The owner's release, and the copy of licensee 17 made from it in a second pass.
struct Licensed {
  Scratch scratch;
  crypto::SecretBytes key = test_key("owner");
  std::optional<MarkableModel> plain, base, copy;

  explicit Licensed(double strength) {
    std::filesystem::create_directory(scratch / "plain");
    write_tiny_model(scratch / "plain", "llama", kTracedSizes);
    plain = open_model(scratch / "plain");
    mark(*plain, key, scratch / "base");
    base = open_model(scratch / "base");
    mark(*base, key, scratch / "copy", {.strength = strength, .licensee = "licensee 17"});
    copy = open_model(scratch / "copy");
  }
  Trace read(const MarkableModel& suspect, const crypto::SecretBytes& with, bool use_base) const {
    TraceRequest request;
    request.master = &with;
    request.licensees = fifty();
    if (use_base) request.base = subject_of(*base);
    request.sources.subtracts_base = use_base;
    return must(trace(subject_of(suspect), request));
  }
};

}  // namespace

TEST_CASE("the right one of fifty licensees is named, and none by a wrong key", "[verify][trace]") {
  const Licensed licensed(0.03);
  const Trace found = licensed.read(*licensed.copy, licensed.key, false);
  CHECK(found.level == Level::conclusive);
  CHECK(found.tested == 50);
  // 2 for the first place, 2 for the first round, 2 signs, 2 tag rules, 2 sites, 50 ids.
  CHECK(found.price == 1600);
  CHECK(found.claim.is_theorem());
  CHECK(found.expected_z < kTraceZMax);
  CHECK(found.frame == FrameSource::strings);
  REQUIRE(found.best.size() == kTraceListMin);
  CHECK(found.best[0].id == "licensee 17");
  CHECK(found.best[0].level == Level::conclusive);
  CHECK(found.best[0].ln_p == Approx(std::log(1600) - found.best[0].z * found.best[0].z / 2));
  for (size_t i = 1; i < found.best.size(); ++i) {
    CHECK(found.best[i].z <= found.best[i - 1].z);
    CHECK(std::abs(found.best[i].z) < 4.5);
    CHECK_FALSE(report::is_yes(found.best[i].level));
  }
  const Trace wrong = licensed.read(*licensed.copy, test_key("wrong"), false);
  CHECK(wrong.level == Level::undecided);
  CHECK(std::abs(wrong.best[0].z) < 4.5);
  const Trace base = licensed.read(*licensed.base, licensed.key, false);
  CHECK(base.level == Level::undecided);
  CHECK(std::abs(base.best[0].z) < 4.5);
}

TEST_CASE("subtracting the base raises z", "[verify][trace]") {
  const Licensed licensed(0.01);
  const Trace blind = licensed.read(*licensed.copy, licensed.key, false);
  const Trace with_base = licensed.read(*licensed.copy, licensed.key, true);
  CHECK(with_base.best[0].id == "licensee 17");
  CHECK(with_base.level == Level::conclusive);
  CHECK_FALSE(with_base.claim.is_theorem());
  CHECK(with_base.claim.conditions.back() == Condition::base_independent_of_suspect);
  CHECK(with_base.best[0].z > 3 * std::max(blind.best[0].z, 0.0));
  CHECK(with_base.best[0].z <= std::sqrt(4096));
  const Trace wrong = licensed.read(*licensed.copy, test_key("wrong"), true);
  CHECK(wrong.level == Level::undecided);
  CHECK(std::abs(wrong.best[0].z) < 4.5);
}

TEST_CASE("all colluders are named, one whose copy was subtracted by a negative z",
          "[verify][trace][licensees]") {
  const Licensed licensed(0.03);
  const Scratch& scratch = licensed.scratch;
  std::string others;
  for (const char* id : {"licensee 3", "licensee 8"}) {
    mark(*licensed.base, licensed.key, scratch / id, {.strength = 0.03, .licensee = id});
    others += (others.empty() ? "" : ",") + (scratch / id).string();
  }
  for (const char* how : {"mean", "median", "minimum", "mixed-weights", "a+b-c"}) {
    INFO(how);
    const lab::Attack& attack = *lab::find_attack("collude");
    REQUIRE(lab::run_attack(
        attack, must(lab::Arguments::make(attack, {{"with", others}, {"how", how}}, 1)),
        must(lab::Model::open(scratch / "copy")), {scratch / how, false, 1, nullptr}));
    const Trace found = licensed.read(open_model(scratch / how), licensed.key, true);
    CHECK(found.level == Level::conclusive);
    std::vector<std::string> named;
    for (const LicenseeZ& one : found.best) {
      if (report::is_yes(one.level)) named.push_back(one.id);
      if (!report::is_yes(one.level)) CHECK(std::abs(one.z) < 4.5);
      if (report::is_yes(one.level)) CHECK((one.z < 0) == (how == "a+b-c"s && one.id[9] == '8'));
    }
    std::sort(named.begin(), named.end());
    CHECK(named == std::vector<std::string>{"licensee 17", "licensee 3", "licensee 8"});
  }
}

TEST_CASE("a trace names the same licensees for any number of threads", "[verify][trace]") {
  const Licensed licensed(0.03);
  TraceRequest request;
  request.master = &licensed.key;
  request.licensees = fifty();
  request.listed_min = 50;
  const Trace one = must(trace(subject_of(*licensed.copy), request));
  REQUIRE(one.best.size() == 50);
  CHECK(one.rounds == 2);
  for (const unsigned threads : {2u, 3u}) {
    request.threads = threads;
    const Trace other = must(trace(subject_of(*licensed.copy), request));
    REQUIRE(other.best.size() == 50);
    for (size_t i = 0; i < 50; ++i) {
      CHECK(other.best[i].id == one.best[i].id);
      CHECK(other.best[i].z == one.best[i].z);
      CHECK(other.best[i].round == one.best[i].round);
    }
  }
}

TEST_CASE("a licensee's mark and the owner's do not disturb one another", "[verify][trace]") {
  const Licensed licensed(0.03);
  const DetectRequest request{.shares = 1, .full = true};
  const Detection before = detect(*licensed.base, licensed.key, request);
  const Detection after = detect(*licensed.copy, licensed.key, request);
  CHECK(before.z > 12);
  CHECK(after.z == Approx(before.z).margin(2));
  CHECK(detect(*licensed.copy, test_key("wrong"), request).z < 4.5);
}

TEST_CASE("a licensee is named by the output head where every FFN is new", "[verify][trace]") {
  const TinySizes sizes{.width = 32, .vocabulary = 12000, .layers = 2, .units = 400, .seed = 9};
  const Scratch scratch;
  const crypto::SecretBytes key = test_key("owner");
  std::filesystem::create_directory(scratch / "plain");
  write_tiny_model(scratch / "plain", "llama", sizes);
  mark(open_model(scratch / "plain"), key, scratch / "copy", {.licensee = "licensee 17"});
  const MarkableModel copy = open_model(scratch / "copy");
  const MarkableModel suspect = without_ffn(copy, scratch);
  TraceRequest request;
  request.master = &key;
  request.licensees = fifty();
  const Trace found = must(trace(subject_of(suspect), request));
  CHECK(found.level == Level::conclusive);
  CHECK(found.site == TraceSite::output);
  CHECK(found.best[0].id == "licensee 17");
  CHECK(found.best[1].z < 5);
  CHECK(found.own_directions);
  CHECK(found.price == 2 * 1600);  // beside the span
  CHECK(found.best[0].z > 18);
  CHECK(found.pairs == embed::output_pairs(sizes.vocabulary, sizes.width, 1));

  const auto other = test_key("wrong");
  request.master = &other;
  const Trace wrong = must(trace(subject_of(suspect), request));
  CHECK(wrong.level == Level::undecided);
  CHECK(wrong.site == TraceSite::ffn);
}

TEST_CASE("an identical base leaves nothing to trace", "[verify][trace]") {
  const Licensed licensed(0.03);
  const Trace found = licensed.read(*licensed.base, licensed.key, true);
  CHECK(found.level == Level::undecided);
  CHECK(found.best[0].z == 0);
}

TEST_CASE("z of unrelated codes has deviation 1 and no tail above the bound", "[verify][trace]") {
  const Licensed licensed(0.03);
  TraceRequest request;
  request.master = &licensed.key;
  request.licensees = {"licensee 17"};
  for (int i = 0; i < 19; ++i) request.licensees.push_back(cat("unrelated ", i));
  double squares = 0;
  size_t count = 0;
  for (int batch = 0; batch < 20; ++batch) {
    for (size_t i = 1; i < 20; ++i) request.licensees[i] = cat("unrelated ", batch, " ", i);
    for (const LicenseeZ& one : must(trace(subject_of(*licensed.copy), request)).best) {
      if (one.id == "licensee 17") continue;
      squares += one.z * one.z;
      ++count;
      CHECK(one.z < 4.5);
    }
  }
  CHECK(count == 380);
  // The standard deviation of 380 values has an error of 3.6 %.
  CHECK(std::sqrt(squares / static_cast<double>(count)) == Approx(1).margin(0.15));
}

}  // namespace wmk::verify
