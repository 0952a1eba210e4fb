// Which frame finds the mark after which change of the model.
#include <catch2/catch.hpp>

#include "embed/scheme/record.h"
#include "tests/support/marking.h"
#include "tests/support/rotation.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"
#include "tests/unit/verify/ffn_weights.h"
#include "verify/structure_cache.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;
using checkpoint::DType;

const TinySizes kFrameSizes = {
    .width = 64, .vocabulary = 500, .layers = 2, .units = 1050, .dtype = DType::f32, .seed = 8};

struct FrameRelease {
  Scratch scratch;
  crypto::SecretBytes key = test_key("owner");
  std::optional<MarkableModel> marked;
  std::optional<embed::MarkRecord> record;

  FrameRelease() {
    std::filesystem::create_directory(scratch / "plain");
    write_tiny_model(scratch / "plain", "llama", kFrameSizes);
    mark(open_model(scratch / "plain"), key, scratch / "marked");
    marked = open_model(scratch / "marked");
    record = must(embed::read_record(test::record_of(scratch / "marked")));
  }
  Detection read(const MarkableModel& suspect, bool with_record) const {
    return detect(suspect, key,
                  {.record = with_record ? &*record : nullptr, .shares = 1, .full = true});
  }
  void check_wrong_key(const MarkableModel& suspect) const {
    CHECK(detect(suspect, test_key("wrong"), {.full = true}).z < 4.5);
  }
};

std::string put_other_tokenizer(const std::filesystem::path& folder) {
  const auto path = folder / "tokenizer.json";
  std::string text = content_of(path);
  for (size_t at = 0; (at = text.find("\"token", at)) != std::string::npos; at += 6) {
    text.replace(at, 6, "\"other");
  }
  std::ofstream(path, std::ios::binary) << text;
  return text;
}

}  // namespace

TEST_CASE("the recorded frame finds the mark where tokenizer and embedding were replaced",
          "[verify][frames]") {
  const FrameRelease release;
  auto tensors = tensors_of(*release.marked);
  TinySizes other = kFrameSizes;
  other.seed = 99;
  const auto redrawn = tiny_tensors("llama", other);
  for (StoredTensor& tensor : tensors) {
    if (tensor.name != "model.embed_tokens.weight") continue;
    for (const StoredTensor& each : redrawn) {
      if (each.name == tensor.name) tensor = each;
    }
  }
  write_model(release.scratch / "suspect", tensors, *release.marked);
  REQUIRE(put_other_tokenizer(release.scratch / "suspect").find("\"other7\"") != std::string::npos);
  const MarkableModel suspect = open_model(release.scratch / "suspect");
  CHECK(release.read(suspect, false).z < 4.5);
  const Detection found = release.read(suspect, true);
  CHECK(found.frame == FrameSource::recorded);
  CHECK(report::is_yes(found.level));
  CHECK(found.z > 12);
  release.check_wrong_key(suspect);
}

TEST_CASE("row numbers find the mark without a tokenizer, if it was made with row numbers",
          "[verify][frames]") {
  Scratch scratch;
  const auto key = test_key("owner");
  std::filesystem::create_directory(scratch / "plain");
  write_tiny_model(scratch / "plain", "llama", kFrameSizes);
  const std::string tokenizer = content_of(scratch / "plain/tokenizer.json");
  std::filesystem::remove(scratch / "plain/tokenizer.json");
  mark(open_model(scratch / "plain"), key, scratch / "marked");
  // A tokenizer that is added later does not hide it, because both kinds of labels are tried.
  scratch.put("marked/tokenizer.json", tokenizer);
  const MarkableModel suspect = open_model(scratch / "marked");
  REQUIRE(suspect.vocabulary.source == "tokenizer.json");
  const Detection found = detect(suspect, key, {.shares = 1, .full = true});
  CHECK(found.frame == FrameSource::ids);
  CHECK(found.z > 12);
  CHECK(detect(suspect, test_key("wrong"), {.shares = 1, .full = true}).z < 4.5);
}

TEST_CASE("the own frame finds the mark after a rotation, the recorded one does not",
          "[verify][frames]") {
  const FrameRelease release;
  const Detection before = release.read(*release.marked, false);
  Weights weights{tensors_of(*release.marked)};
  const Rotation rotation(kFrameSizes.width, 4);
  const auto turn_rows = [&](const std::string& name) {
    weights.set(name, rotation.rows(weights.get(name)));
  };
  turn_rows("model.embed_tokens.weight");
  // A rotation commutes with norms whose weights are 1, so fold these into the matrices first.
  for (const std::string layer : {"model.layers.0.", "model.layers.1."}) {
    const auto norm = layer + "post_attention_layernorm.weight";
    const auto norm_weight = weights.get(norm);
    weights.set(norm, std::vector<float>(norm_weight.size(), 1.0f));
    for (const char* leaf : {"mlp.gate_proj.weight", "mlp.up_proj.weight"}) {
      weights.scale_columns(layer + leaf, norm_weight);
      turn_rows(layer + leaf);
    }
    const auto down = layer + "mlp.down_proj.weight";
    weights.set(down, rotation.columns(weights.get(down)));
  }
  const auto suspect = write_model(release.scratch / "suspect", weights.tensors, *release.marked);
  const Detection after = release.read(suspect, true);
  CHECK(after.frame == FrameSource::strings);
  CHECK(after.z == Approx(before.z).margin(0.02));
  release.check_wrong_key(suspect);

  // The recorded frame alone: without the strings the own frame is a different one.
  std::filesystem::remove(release.scratch / "suspect/tokenizer.json");
  CHECK(release.read(open_model(release.scratch / "suspect"), true).z < 4.5);
}

TEST_CASE("a frame is made once, and of many those asked for last are kept", "[verify]") {
  Scratch scratch;
  std::filesystem::create_directory(scratch / "model");
  write_tiny_model(scratch / "model", "llama", {});
  const MarkableModel model = open_model(scratch / "model");
  const auto reading =
      checkpoint::borrowed_reading(model.checkpoint, model.anatomy, model.vocabulary);
  auto renumbered = model.vocabulary;
  renumbered.strings.front() += "x";
  const auto other = checkpoint::borrowed_reading(model.checkpoint, model.anatomy, renumbered);
  std::vector<std::vector<unsigned>> made;
  StructureCache cache(2, [&](const Subject&, FrameSource, const std::vector<unsigned>& shares) {
    made.push_back(shares);
    return Result<std::vector<embed::Structure>>(std::vector<embed::Structure>());
  });
  const auto number = [&](const checkpoint::Reading& of, unsigned share) {
    return must(cache.get(of, FrameSource::strings, {share})).number;
  };
  const auto first = number(reading, 0);
  CHECK(number(reading, 0) == first);
  CHECK(number(reading, 1) != first);
  CHECK(number(reading, 0) == first);  // asked for again, so the other one goes first
  CHECK(made.size() == 2);
  CHECK(number(other, 0) != first);  // other labels
  CHECK(number(reading, 0) == first);
  CHECK(made.size() == 3);
  number(reading, 1);
  CHECK(made.size() == 4);
}

}  // namespace wmk::verify
