// Labels of the output head that come from the release's rows, where tokens were renamed
// (specs/output.md 7).
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>

#include "embed/scheme/price.h"
#include "tests/support/marking.h"
#include "tests/support/output_case.h"
#include "tests/unit/scratch.h"
#include "verify/carried.h"
#include "verify/conclude.h"
#include "verify/output_site.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;

constexpr uint64_t kHeadTokens = 20000, kHeadWidth = 64;
const TinySizes kHeadSizes = {.width = kHeadWidth,
                              .vocabulary = kHeadTokens,
                              .layers = 2,
                              .units = 20,
                              .dtype = checkpoint::DType::f32,
                              .seed = 21};

Subject subject_with(const MarkableModel& model) {
  return {&model.checkpoint, &model.anatomy, &model.vocabulary};
}

struct Renamed {
  Scratch scratch;
  crypto::SecretBytes key = test_key("owner");
  MarkableModel original, marked;

  Renamed() : original(make()), marked(mark_it()) {}
  MarkableModel make() const {
    std::filesystem::create_directory(scratch / "original");
    write_tiny_model(scratch / "original", "llama", kHeadSizes);
    return open_model(scratch / "original");
  }
  MarkableModel mark_it() const {
    mark(original, key, scratch / "marked", {.sites = {{false, false, true}}});
    return open_model(scratch / "marked");
  }

  // Rows of tokens in the opposite order, and other strings.
  MarkableModel renamed(const MarkableModel& model, const std::string& name) const {
    auto tensors = tensors_of(model);
    for (StoredTensor& tensor : tensors) {
      if (tensor.shape.front() != kHeadTokens) continue;
      const size_t bytes = tensor.data.size() / kHeadTokens;
      Bytes out(tensor.data.size());
      for (size_t row = 0; row < kHeadTokens; ++row) {
        std::copy_n(&tensor.data[row * bytes], bytes, &out[(kHeadTokens - 1 - row) * bytes]);
      }
      tensor.data = std::move(out);
    }
    MarkableModel out = write_model(scratch / name, tensors, model);
    for (std::string& each : out.vocabulary.strings) each = "q" + each;
    return out;
  }

  Detection read(const MarkableModel& suspect, CarriedFrames& frames,
                 const MarkableModel* control = nullptr) const {
    DetectRequest request{.shares = 1, .carried = &frames, .readings = ReadingScope::declared};
    request.sites = {{false, false, true}};
    if (control != nullptr) request.controls = {subject_with(*control)};
    return detect(suspect, key, std::move(request));
  }
};

}  // namespace

TEST_CASE("the output head shows the mark under the labels of the release's rows",
          "[verify][carried][output]") {
  const Renamed test;
  const auto suspect = test.renamed(test.marked, "suspect");
  const auto twin = test.renamed(test.original, "twin");
  for (const bool by_original : {false, true}) {
    CarriedFrames frames = by_original ? CarriedFrames(std::nullopt, subject_with(test.original))
                                       : CarriedFrames(subject_with(test.marked), std::nullopt);
    const Detection found = test.read(suspect, frames);
    CAPTURE(by_original, found.z, found.expected_z);
    REQUIRE(found.carried_tokens);
    CAPTURE(found.carried_tokens->why_not, found.carried_tokens->matched);
    CHECK(found.level == report::Level::conclusive);
    CHECK(found.site == SiteChoice::output);
    CHECK(found.frame == FrameSource::carried);
    CHECK(found.carried_tokens->matched > 0.9 * kHeadTokens);
    CHECK_FALSE(found.claim.is_theorem());
    CHECK(std::count(found.claim.conditions.begin(), found.claim.conditions.end(),
                     Condition::release_independent_of_suspect) == 1);
    // Five numbers of pairs, and two results for each row that rounding could change.
    const double place = found.place;
    const auto open = static_cast<double>(found.carried_tokens->open);
    CHECK(found.price == Approx(5 * embed::price_of(found.place, true) * std::exp2(open)));
    CHECK((by_original ? open == 0 : open < 100));
    CHECK(place > 1);
    const Detection nothing = test.read(twin, frames);
    CHECK(nothing.level == report::Level::undecided);
    CHECK(nothing.carried_tokens->matched > 0.9 * kHeadTokens);
    CHECK(std::abs(nothing.z) < 4.5);
  }
}

TEST_CASE("a control is read in the output head where that gives the answer",
          "[verify][carried][output]") {
  const Renamed test;
  const auto suspect = test.renamed(test.marked, "suspect");
  const auto twin = test.renamed(test.original, "twin");
  CarriedFrames frames(subject_with(test.marked), std::nullopt);
  const Detection clean = test.read(suspect, frames, &twin);
  REQUIRE(clean.controls.size() == 1);
  CHECK(clean.controls[0].is_null);
  CHECK(clean.controls[0].z != 0);
  CHECK(clean.level == report::Level::conclusive);
  const Detection void_frame = test.read(suspect, frames, &test.marked);
  REQUIRE(void_frame.controls.size() == 1);
  CHECK(void_frame.controls[0].z == Approx(void_frame.z).epsilon(0.05));
  CHECK(void_frame.level == report::Level::undecided);
}

TEST_CASE("what the output head shows is listed with its own price", "[verify][output]") {
  const Renamed test;
  DetectRequest request{.shares = 1};
  request.sites = {{true, false, true}};
  const Detection found = detect(test.marked, test.key, std::move(request));
  CHECK(found.site == SiteChoice::output);
  REQUIRE(found.tried.size() >= 2);
  CHECK(found.tried[0].site == embed::Site::ffn);
  CHECK(found.tried[0].hypothesis.price == embed::price_of(1, true));
  CHECK(found.tried[1].site == embed::Site::output);
  CHECK(found.tried[1].hypothesis.price == 5 * embed::price_of(1, true));
  CHECK(found.tried[1].z == found.z);
  CHECK(found.tried[0].z < 4.5);
}

TEST_CASE("an output head whose rows are left out excludes nothing", "[verify][output]") {
  const Renamed test;
  // Most rows are the mean and next to nothing, so that the true ones seem far too long.
  auto tensors = tensors_of(test.original);
  for (StoredTensor& tensor : tensors) {
    if (tensor.shape.front() != kHeadTokens) continue;
    std::vector<float> values(kHeadTokens * kHeadWidth);
    std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
    for (size_t i = 0; i < values.size() * 3 / 5; ++i) values[i] *= 1e-4f;
    tensor = stored(tensor.name, checkpoint::DType::f32, tensor.shape, values);
  }
  const auto hidden = write_model(test.scratch / "hidden", tensors, test.original);
  const auto excluded = [&](const MarkableModel& model) {
    const DetectRequest request{.master = &test.key, .shares = 1};
    const auto plan = must(plan_detection(model.anatomy, request));
    const auto head =
        must(read_head_site(subject_with(model), FrameSource::strings, plan.whole(), request));
    OwnReading own;
    own.largest_z = 5;
    add_output(plan, {.price = embed::price_of(1, true)}, head, own);
    return own.excluded;
  };
  CHECK(excluded(test.original) == std::vector<embed::Site>{embed::Site::output});
  CHECK(excluded(hidden).empty());
}

TEST_CASE("rows of another head give no labels", "[verify][carried][output]") {
  const Renamed test;
  std::filesystem::create_directory(test.scratch / "other");
  TinySizes sizes = kHeadSizes;
  sizes.seed = 99;
  write_tiny_model(test.scratch / "other", "llama", sizes);
  CarriedFrames frames(subject_with(test.marked), std::nullopt);
  const Detection found = test.read(open_model(test.scratch / "other"), frames);
  CHECK(found.level == report::Level::undecided);
  REQUIRE(found.carried_tokens);
  CHECK(found.carried_tokens->why_not == "its rows are not those of --release");
}

}  // namespace wmk::verify
