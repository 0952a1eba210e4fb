#include "verify/shared_frame.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "embed/scheme/label_set.h"
#include "tests/support/marking.h"
#include "tests/unit/scratch.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;

const TinySizes kSharedSizes = {.width = 64,
                                .vocabulary = 900,
                                .layers = 2,
                                .units = 1050,
                                .dtype = checkpoint::DType::f32,
                                .seed = 8};

// z of share 0 in the frame of shared strings.
double shared_z(const MarkableModel& suspect, const checkpoint::Vocabulary& release,
                std::string_view key) {
  const auto master = test_key(key);
  const Subject subject{&suspect.checkpoint, &suspect.anatomy, &suspect.vocabulary};
  const auto structures =
      must(shared_structures(subject, embed::label_hashes(release), {0}, {.master = &master}));
  return z_of(structures[0], sketch_all(suspect, structures), 0, embed::TagRule::hard);
}

// A quarter of the rows get new strings and new random rows; the others change places.
MarkableModel with_other_tokenizer(const Scratch& scratch, const MarkableModel& marked) {
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
    const bool is_new = row % 4 == 1;
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
  CHECK(rows.count == kSharedSizes.vocabulary * 3 / 4);
  CHECK_FALSE(rows.are_all());
  const double own = detect(suspect, test_key("owner"), {.shares = 1, .full = true}).z;
  const double shared = shared_z(suspect, marked.vocabulary, "owner");
  CHECK(shared > own + 4);
  CHECK(shared > 9);
  CHECK(std::abs(shared_z(suspect, marked.vocabulary, "wrong")) < 4.5);
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
