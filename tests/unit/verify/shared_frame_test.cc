#include "verify/shared_frame.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "embed/scheme/label_set.h"
#include "embed/scheme/record.h"
#include "tests/support/marking.h"
#include "tests/unit/scratch.h"
#include "verify/carried.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;

const TinySizes kSharedSizes = {.width = 64,
                                .vocabulary = 900,
                                .layers = 4,
                                .units = 2000,
                                .dtype = checkpoint::DType::f32,
                                .seed = 8};

// One row of `every` gets a new string and new random numbers; the others change places.
MarkableModel with_other_tokenizer(const Scratch& scratch, const MarkableModel& marked,
                                   uint64_t every = 2) {
  auto tensors = tensors_of(marked);
  StoredTensor& embedding = tensor_named(tensors, "model.embed_tokens.weight");
  const size_t row_bytes = embedding.data.size() / kSharedSizes.vocabulary;
  TinySizes other = kSharedSizes;
  other.seed = 77;
  auto redrawn = tiny_tensors("llama", other);
  const Bytes fresh = tensor_named(redrawn, embedding.name).data;
  const Bytes old = embedding.data;
  std::string vocabulary;
  for (uint64_t row = 0; row < kSharedSizes.vocabulary; ++row) {
    const uint64_t from = kSharedSizes.vocabulary - 1 - row;
    const bool is_new = row % every == 1;
    std::memcpy(embedding.data.data() + row * row_bytes,
                (is_new ? fresh : old).data() + from * row_bytes, row_bytes);
    vocabulary += cat(row == 0 ? "" : ", ", "\"", is_new ? "new" : "token", from, "\": ", row);
  }
  write_model(scratch / "suspect", tensors, marked);
  scratch.put("suspect/tokenizer.json", cat(R"({"model": {"vocab": {)", vocabulary, "}}}"));
  return open_model(scratch / "suspect");
}

}  // namespace

TEST_CASE("the frame of shared strings finds the mark where the tokenizer was replaced",
          "[verify][frames]") {
  Scratch scratch;
  std::filesystem::create_directory(scratch / "plain");
  write_tiny_model(scratch / "plain", "llama", kSharedSizes);
  mark(open_model(scratch / "plain"), test_key("owner"), scratch / "marked");
  const MarkableModel marked = open_model(scratch / "marked");
  const MarkableModel suspect = with_other_tokenizer(scratch, marked);
  const SharedRows rows = shared_rows(suspect.vocabulary, embed::label_hashes(marked.vocabulary));
  CHECK(rows.named == kSharedSizes.vocabulary);
  CHECK(rows.count == kSharedSizes.vocabulary / 2);
  CHECK_FALSE(rows.are_all());
  const DetectRequest blind{.shares = 1, .full = true};
  const double own = detect(suspect, test_key("owner"), blind).z;
  CHECK(own < 9);
  // The record lists the labels of the release; so does the release itself.
  const auto record = must(embed::read_record(record_of(scratch / "marked")));
  CHECK(record.labels == embed::label_hashes(marked.vocabulary));
  DetectRequest request = blind;
  request.release_labels = record.labels;
  const Detection found = detect(suspect, test_key("owner"), request);
  CHECK(found.frame == FrameSource::shared);
  CHECK(found.place > 2);
  CHECK(found.z > own + 3);
  CHECK(found.claim.conditions.size() == 2);
  CHECK(detect(suspect, test_key("wrong"), request).z < 4.5);
}

TEST_CASE("a shared frame that shows less than a carried one would is not the last that is read",
          "[verify][frames][carried]") {
  Scratch scratch;
  std::filesystem::create_directory(scratch / "plain");
  write_tiny_model(scratch / "plain", "llama", kSharedSizes);
  mark(open_model(scratch / "plain"), test_key("owner"), scratch / "marked");
  const MarkableModel marked = open_model(scratch / "marked");
  const MarkableModel suspect = with_other_tokenizer(scratch, marked, 5);
  const bool is_full = GENERATE(true, false);
  const auto record = must(embed::read_record(record_of(scratch / "marked")));
  DetectRequest request{.record = &record, .full = is_full};
  const Detection shared = detect(suspect, test_key("owner"), request);
  REQUIRE(shared.frame == FrameSource::shared);
  REQUIRE(shared.level == report::Level::conclusive);

  CarriedFrames frames(Subject{&marked.checkpoint, &marked.anatomy, &marked.vocabulary}, {});
  request.carried = &frames;
  const Detection found = detect(suspect, test_key("owner"), request);
  CHECK(found.frame == FrameSource::carried);
  CHECK(found.place > shared.place);
  CHECK(found.ln_p < shared.ln_p);
  // An untouched copy is settled by its own frame, early.
  const Detection honest = detect(marked, test_key("owner"), request);
  CHECK(honest.frame == FrameSource::strings);
  CHECK_FALSE(honest.carried);
}

TEST_CASE("with the release's tokenizer the frame of shared strings is the own frame",
          "[verify][frames]") {
  Scratch scratch;
  write_tiny_model(scratch.folder(), "llama", kSharedSizes);
  const MarkableModel model = open_model(scratch.folder());
  CHECK(shared_rows(model.vocabulary, embed::label_hashes(model.vocabulary)).are_all());
  const auto master = test_key("owner");
  const Subject subject{&model.checkpoint, &model.anatomy, &model.vocabulary};
  const DetectRequest request{.master = &master};
  const auto hashes = embed::label_hashes(model.vocabulary);
  const auto shared = must(shared_structures(subject, hashes, {0}, request));
  const auto own = must(share_structures(subject, FrameSource::strings, {0}, request));
  CHECK(shared[0].frame.values == own[0].frame.values);
  CHECK(!shared_structures(subject, {1, 2, 3}, {0}, request));
}

}  // namespace wmk::verify
