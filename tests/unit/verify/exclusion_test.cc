// What a *no* needs; each missing thing makes it `undecided`, with its reason.
#include "verify/exclusion.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/text.h"
#include "embed/scheme/record.h"
#include "tests/support/marking.h"
#include "tests/unit/scratch.h"
#include "tests/unit/verify/ffn_weights.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;
using checkpoint::DType;
using report::Level;

// A mark of 3 % shows z near 40 here, so with its record half of it would be seen.
const TinySizes kExclusionSizes = {.width = 64,
                                   .vocabulary = 500,
                                   .layers = 4,
                                   .units = 2960,
                                   .dtype = DType::f32,
                                   .seed = 31,
                                   .words = true};

struct MarkedRelease {
  Scratch scratch;
  crypto::SecretBytes key = test_key("owner");
  std::optional<MarkableModel> plain, marked;
  std::optional<embed::MarkRecord> record;

  explicit MarkedRelease(const TinySizes& sizes = kExclusionSizes) {
    std::filesystem::create_directory(scratch / "plain");
    write_tiny_model(scratch / "plain", "llama", sizes);
    plain = open_model(scratch / "plain");
    mark(*plain, key, scratch / "marked");
    marked = open_model(scratch / "marked");
    record = must(embed::read_record(test::record_of(scratch / "marked")));
  }
  Detection read(const MarkableModel& suspect) const {
    return detect(suspect, key, {.record = &*record});
  }
  // A copy of `like` with this tokenizer, or without one.
  MarkableModel retokenised(const MarkableModel& like, const char* name,
                            std::optional<std::string> tokenizer) const {
    write_model(scratch / name, tensors_of(like), like);
    std::filesystem::remove(scratch / name / "tokenizer.json");
    if (tokenizer) scratch.put(cat(name, "/tokenizer.json"), *tokenizer);
    auto checkpoint = must(checkpoint::Checkpoint::open(scratch / name));
    auto anatomy = must(checkpoint::make_anatomy(checkpoint, must(read_config(checkpoint))));
    auto words = must(checkpoint::read_vocabulary_or_fault(checkpoint, anatomy.vocabulary));
    return {std::move(checkpoint), std::move(anatomy), std::move(words)};
  }
};

void check_doubt(const Detection& found, DoubtKind kind, const char* words) {
  CHECK(found.level == Level::undecided);
  REQUIRE(found.doubt);
  CHECK(found.doubt->kind == kind);
  CHECK_THAT(found.doubt->text, Catch::Matchers::Contains(words));
}

// What excludes a mark in `model`: everything was read, and nothing was seen.
Evidence clean(const MarkableModel& model) {
  return {.subject = {&model.checkpoint, &model.anatomy, &model.vocabulary},
          .own = OwnReading{FrameSource::strings, 448, 2 * needed_z(448), 1.2, "share 0", {}}};
}

}  // namespace

TEST_CASE("without the tokenizer of the embedding no mark is excluded", "[verify][exclusion]") {
  const MarkedRelease release;
  CHECK(release.read(*release.plain).level == Level::not_found);
  const struct {
    const char* name;
    std::optional<std::string> tokenizer;
    const char* reason;
  } cases[] = {{"missing", std::nullopt, "no tokenizer"},
               {"unreadable", "[]", "cannot be read"},
               {"swapped", tiny_tokenizer(250), "does not fit the embedding: it names 250 of 500"}};
  for (const auto& [name, tokenizer, reason] : cases) {
    CAPTURE(name);
    const auto innocent =
        release.retokenised(*release.plain, cat(name, "-plain").c_str(), tokenizer);
    check_doubt(release.read(innocent), DoubtKind::tokenizer, reason);
    check_doubt(detect(innocent, release.key, {.shares = 1}), DoubtKind::tokenizer, reason);
    // The mark itself is there, in the record's frame.
    const auto suspect = release.retokenised(*release.marked, name, tokenizer);
    check_doubt(detect(suspect, release.key, {.shares = 1}), DoubtKind::tokenizer, reason);
    const Detection found = release.read(suspect);
    CHECK(found.level == Level::conclusive);
    CHECK(found.frame == FrameSource::recorded);
    CHECK_FALSE(found.claim.is_theorem());
  }
}

TEST_CASE("a mark that was merged away to a tenth is not excluded", "[verify][exclusion]") {
  const MarkedRelease release;
  auto tensors = tensors_of(*release.marked);
  const auto plain = tensors_of(*release.plain);
  Weights merged{tensors}, original{plain};
  for (StoredTensor& tensor : tensors) {
    auto values = merged.get(tensor.name);
    const auto other = original.get(tensor.name);
    for (size_t i = 0; i < values.size(); ++i) values[i] = 0.1f * values[i] + 0.9f * other[i];
    merged.set(tensor.name, values);
  }
  const auto suspect = write_model(release.scratch / "merged", merged.tensors, *release.plain);
  const Detection found = release.read(suspect);
  CAPTURE(found.z);
  CHECK(found.z > kShareZMax);
  CHECK(found.z < 6);  // chance would reach it at this price
  CHECK(found.level == Level::undecided);
  CHECK(found.doubt->kind == DoubtKind::hint);
  CHECK(found.expected_z_full / 2 > needed_z(found.price));
}

TEST_CASE("repeated neurons do not raise the expected z", "[verify][exclusion]") {
  TinySizes small = kExclusionSizes;
  small.units = 740;
  const MarkedRelease release(small);
  Weights weights{tensors_of(*release.marked)};
  for (const std::string layer : {"0.", "1.", "2.", "3."}) {
    Ffn ffn(weights, "model.layers." + layer);
    for (auto* side : {&ffn.gate, &ffn.up, &ffn.down}) {
      const auto once = *side;
      for (int copy = 0; copy < 3; ++copy) side->insert(side->end(), once.begin(), once.end());
    }
    ffn.put(weights, "model.layers." + layer);
  }
  const auto suspect = write_model(release.scratch / "repeated", weights.tensors, *release.marked);
  REQUIRE(suspect.anatomy.weight_count() == 4 * release.marked->anatomy.weight_count());
  const Detection once = detect(*release.marked, release.key, {.shares = 1, .full = true});
  const Detection found = detect(suspect, release.key, {.shares = 1, .full = true});
  CHECK(found.length == Approx(2 * once.length).epsilon(0.05));
  CHECK(found.z == Approx(once.z).epsilon(0.05));
  CHECK(found.expected_z == Approx(once.expected_z).epsilon(0.05));
  // With the record, at most as many weights count as were marked.
  const Detection recorded = release.read(suspect);
  CHECK(recorded.expected_z < 0.75 * release.read(*release.marked).expected_z_full);
}

TEST_CASE("one share of several, or naming rules of the user, exclude nothing",
          "[verify][exclusion]") {
  const MarkedRelease release;
  DetectRequest request{.record = &*release.record, .share = 0};
  CHECK(detect(*release.plain, release.key, request).level == Level::not_found);  // it has one
  auto two = *release.record;
  two.shares = 2;
  request.record = &two;
  check_doubt(detect(*release.plain, release.key, request), DoubtKind::one_share, "only share 0");
  request = {.record = &*release.record};
  request.sources.has_naming = true;
  check_doubt(detect(*release.plain, release.key, request), DoubtKind::naming, "naming file");
}

TEST_CASE("each thing that a no needs is a doubt where it is missing", "[verify][exclusion]") {
  const MarkedRelease release;
  const MarkableModel& plain = *release.plain;
  CHECK_FALSE(doubt_of(clean(plain)));
  const auto kind_of = [](const Evidence& evidence) { return doubt_of(evidence).value().kind; };
  Evidence evidence = clean(plain);
  evidence.ln_p = std::log(1e-3);
  CHECK(kind_of(evidence) == DoubtKind::hint);
  evidence = clean(plain);
  evidence.own->largest_z = 3.72;
  CHECK(kind_of(evidence) == DoubtKind::hint);
  evidence.own->largest_z = 3.71;
  CHECK_FALSE(doubt_of(evidence));
  evidence.own->expected_z *= 0.999;
  CHECK(kind_of(evidence) == DoubtKind::weak);
  evidence = clean(plain);
  evidence.own->drowned = {{embed::Site::heads, 12.0}};
  CHECK(kind_of(evidence) == DoubtKind::weak);
  evidence = clean(plain);
  evidence.own.reset();
  CHECK(kind_of(evidence) == DoubtKind::unread);
  evidence = clean(plain);
  evidence.skipped_units = plain.anatomy.unit_count() / 20;
  CHECK_FALSE(doubt_of(evidence));
  evidence.skipped_units = plain.anatomy.unit_count() / 20 + 1;
  CHECK(kind_of(evidence) == DoubtKind::unread);
  // 3 above sqrt(2 ln(1000 price)).
  CHECK(needed_z(448) == Approx(3 + std::sqrt(2 * std::log(448000.0))));
}

TEST_CASE("layers that were left out exclude nothing", "[verify][exclusion]") {
  const MarkedRelease release;
  for (const uint64_t rows : {10, 1000}) {  // of 4 x 2960 units: 0.1 % and 7.8 %
    CAPTURE(rows);
    auto tensors = tensors_of(*release.plain);
    const std::vector<float> values(rows * 64, 0.5f);
    tensors.push_back(stored("model.layers.99.mlp.up_proj.weight", DType::f32, {rows, 64}, values));
    const auto suspect = write_model(release.scratch / cat("half", rows), tensors, *release.plain);
    CHECK(suspect.anatomy.skipped_unit_count() == rows);
    const Detection found = release.read(suspect);
    CHECK(found.skipped_units == rows);
    if (rows == 10) {
      CHECK(found.level == Level::not_found);
    } else {
      check_doubt(found, DoubtKind::unread, "of the FFN weights could be read");
    }
  }
}

TEST_CASE("a large matrix that nothing explains excludes nothing", "[verify][exclusion]") {
  const MarkedRelease release;
  auto tensors = tensors_of(*release.plain);
  const auto with_extra = [&](const char* name, uint64_t rows) {
    auto more = tensors;
    more.push_back(
        stored("hidden.payload", DType::f32, {rows, 64}, std::vector<float>(rows * 64, 0.5f)));
    return write_model(release.scratch / name, more, *release.plain);
  };
  CHECK(release.read(with_extra("small", 100)).level == Level::not_found);
  check_doubt(release.read(with_extra("large", 2000)), DoubtKind::unread,
              "'hidden.payload' [2000, 64] holds");
}

TEST_CASE("in every kind of layout all FFN weights are accounted for", "[verify][exclusion]") {
  for (const std::string& architecture : tiny_architectures()) {
    CAPTURE(architecture);
    Scratch scratch;
    write_tiny_model(scratch.folder(), architecture);
    const auto doubt = doubt_of(clean(open_model(scratch.folder())));
    if (architecture == "longcat_flash") {  // an expert without a down matrix holds a tenth
      CHECK(doubt.value().kind == DoubtKind::unread);
      continue;
    }
    CHECK_THAT(doubt ? doubt->text : "", !Catch::Matchers::Contains("FFN weights"));
  }
}

}  // namespace wmk::verify
