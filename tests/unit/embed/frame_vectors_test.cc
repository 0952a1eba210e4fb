// Anchors and frames against the second implementation.
#include "embed/scheme/frame.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/structure.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/embed/mark_vectors.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

// A checkpoint that is a token embedding and nothing else.
struct EmbeddingFile {
  Scratch scratch;
  std::optional<checkpoint::Checkpoint> checkpoint;
  checkpoint::Anatomy anatomy;

  EmbeddingFile(const std::vector<float>& values, uint64_t rows, uint64_t d) {
    write_safetensors(scratch / "model.safetensors",
                      {stored("embedding", checkpoint::DType::f32, {rows, d}, values)});
    checkpoint = must(checkpoint::Checkpoint::open(scratch.folder()));
    anatomy.width = d;
    anatomy.vocabulary = rows;
  }
  Structure structure(crypto::SecretBytes key, StructureRole role,
                      const std::vector<std::string>& labels) {
    std::vector<StructureKey> keys;
    keys.push_back({std::move(key), role});
    return std::move(
        must(make_structures(*checkpoint, anatomy, labels, std::move(keys), 2, nullptr)).front());
  }
};

std::vector<double> times(const Frame& frame, const std::vector<float>& probe) {
  std::vector<double> out(frame.rows);
  for (size_t k = 0; k < frame.rows; ++k) {
    for (size_t j = 0; j < frame.width; ++j) out[k] += frame.values[k * frame.width + j] * probe[j];
  }
  return out;
}

}  // namespace

TEST_CASE("anchors are those of the reference", "[embed][vectors]") {
  const auto document = mark_vectors("anchors");
  const auto key = secret_at(document.root(), "key");
  size_t count = 0;
  for (const json::Value entry : at(document.root(), "anchors")) {
    const std::string label = text_at(entry, "label");
    CAPTURE(label);
    for (const auto& [rows, name] : {std::pair(16, "group_16"), std::pair(128, "group_128")}) {
      const Anchor anchor = anchor_of(key, label, static_cast<size_t>(rows));
      CHECK(anchor.group == count_at(entry, name));
      CHECK(anchor.sign == number_at(entry, "sign"));
    }
    ++count;
  }
  CHECK(count >= 20);
}

TEST_CASE("frames and the tag frame are those of the reference", "[embed][vectors]") {
  const auto document = mark_vectors("frame");
  const json::Value root = document.root();
  const auto labels = texts_at(root, "labels");
  const auto values = numbers_at(root, "embedding");
  EmbeddingFile file(values, labels.size(), values.size() / labels.size());
  size_t count = 0;
  for (const json::Value entry : at(root, "frames")) {
    const StructureRole role =
        text_at(entry, "of") == "trace" ? StructureRole::trace : StructureRole::share;
    const Structure structure = file.structure(secret_at(entry, "key"), role, labels);
    CHECK(structure.frame.rows == count_at(entry, "r"));
    CHECK(distance(structure.frame.values, numbers_at(entry, "P")) < 1e-5);
    CHECK(structure.tag_frame.has_value() == (role == StructureRole::trace));
    if (structure.tag_frame) {
      CHECK(distance(structure.tag_frame->values, numbers_at(entry, "tag_P")) < 1e-5);
    }
    ++count;
  }
  CHECK(count == 2);
}

TEST_CASE("a trace frame wider than its tag frame is that of the reference", "[embed][vectors]") {
  const auto document = mark_vectors("frame");
  const json::Value wide = at(document.root(), "wide");
  const uint64_t rows = count_at(wide, "rows"), d = count_at(wide, "d");
  EmbeddingFile file(uniform(count_at(wide, "seed"), rows * d), rows, d);
  const Structure structure =
      file.structure(secret_at(wide, "key"), StructureRole::trace, row_labels(rows));
  REQUIRE(structure.frame.rows == count_at(wide, "r"));
  REQUIRE(structure.tag_frame);
  REQUIRE(structure.tag_frame->rows == count_at(wide, "tag_rows"));
  const auto probe = uniform(count_at(wide, "probe_seed"), d);
  CHECK(distance(times(structure.frame, probe), numbers_at<double>(wide, "P_probe")) < 1e-4);
  CHECK(distance(times(*structure.tag_frame, probe), numbers_at<double>(wide, "tag_P_probe")) <
        1e-4);
}

}  // namespace wmk::embed
