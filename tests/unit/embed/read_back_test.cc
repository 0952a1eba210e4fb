// Before a marked copy becomes a release, its mark is found in it, or nothing is left.
#include "embed/mark/read_back.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "embed/scheme/keys.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

const TinySizes kReadBackSizes = {.width = 64, .vocabulary = 600, .layers = 3, .units = 500};

// gemma2 without "one_plus": the rules of someone who missed that a norm weight is 1 + w.
constexpr std::string_view kWrongRules = R"(family wrong
types  gemma2
token_embedding  embed_tokens
head             lm_head
ffn_gate       layers.#.mlp.gate_proj
ffn_up         layers.#.mlp.up_proj
ffn_down       layers.#.mlp.down_proj
ffn_norm       layers.#.pre_feedforward_layernorm
ffn_post_norm  layers.#.post_feedforward_layernorm
attention  layers.#.self_attn.{q,k,v,o}_proj
norm       layers.#.self_attn.{q,k}_norm
norm       layers.#.{input,post_attention}_layernorm
norm       norm
)";

// A gemma2 whose norm weights are stored as `others`, except for the first of each norm.
MarkableModel gemma(const Scratch& scratch, float first, float others) {
  std::filesystem::create_directory(scratch / "model");
  auto tensors = tiny_tensors("gemma2", kReadBackSizes);
  for (StoredTensor& tensor : tensors) {
    if (!tensor.name.ends_with("feedforward_layernorm.weight")) continue;
    std::vector<float> values(kReadBackSizes.width, others);
    values[0] = first;
    tensor = stored(tensor.name, tensor.dtype, tensor.shape, values);
  }
  write_tiny_model(scratch / "model", "gemma2", kReadBackSizes);
  write_safetensors(scratch / "model/model.safetensors", tensors);
  return open_model(scratch / "model");
}

MarkableModel read_wrongly(const MarkableModel& model) {
  auto checkpoint = must(checkpoint::Checkpoint::open(model.checkpoint.path()));
  const auto config = must(checkpoint::read_config(checkpoint));
  const auto rules = must(checkpoint::NamingFamily::parse(kWrongRules, "wrong.rules"));
  auto anatomy = must(checkpoint::make_anatomy(checkpoint, config, &rules));
  auto vocabulary = must(checkpoint::read_vocabulary(checkpoint, anatomy.vocabulary));
  return {std::move(checkpoint), std::move(anatomy), std::move(vocabulary)};
}

void check_refused(const Scratch& scratch, const MarkableModel& model, const Marking& marking,
                   std::string_view words) {
  const auto refused = try_mark(model, test_key("owner"), scratch / "out", marking);
  REQUIRE_FALSE(refused);
  CAPTURE(refused.error().message());
  CHECK(refused.error().code() == ErrorCode::unsupported);
  CHECK(refused.error().message().find(words) != std::string::npos);
  CHECK(scratch.count() == 1);  // the model
}

}  // namespace

TEST_CASE("norm weights of zero by a wrong reading are refused, before and after --allow-skipped",
          "[embed][read-back]") {
  const Scratch scratch;
  const MarkableModel model = gemma(scratch, 0, 0);
  const MarkableModel wrong = read_wrongly(model);
  check_refused(scratch, wrong, {}, "1500 of 1500 units (100.0 %) cannot be marked: 1500 have a");
  check_refused(scratch, wrong, {.allow_skipped = true}, "the mark cannot be found in the marked");
  const EmbedResult right = mark(model, test_key("owner"), scratch / "right");
  CHECK(right.change.skipped == 0);
  CHECK(right.read_back.read.total > 12);
}

TEST_CASE("a mark that norm weights read wrongly lose is refused, without a skipped unit",
          "[embed][read-back]") {
  const Scratch scratch;
  const MarkableModel model = gemma(scratch, 3, 0);
  check_refused(scratch, read_wrongly(model), {}, "the mark cannot be found in the marked copy");
  const EmbedResult right = mark(model, test_key("owner"), scratch / "right");
  CHECK(right.read_back.read.total > 12);
}

TEST_CASE("what is read back is what detection finds, share by share", "[embed][read-back]") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "model");
  write_tiny_model(scratch / "model", "llama", kReadBackSizes);
  const MarkableModel model = open_model(scratch / "model");
  for (const unsigned shares : {1u, 3u}) {
    const auto out = scratch / cat("out", shares);
    const EmbedResult result = mark(model, test_key("owner"), out, {.shares = shares});
    const MarkRecord record = must(read_record(record_of(out)));
    CHECK(record.read_back.z == result.read_back.read.z);
    CHECK(record.read_back.weights == record.weights);  // few weights: no early stop
    const MarkableModel marked = open_model(out);
    const auto structures = share_structures(marked, test_key("owner"), shares);
    const SketchSet sketches = sketch_all(marked, structures);
    REQUIRE(record.read_back.z.size() == shares);
    for (unsigned i = 0; i < shares; ++i) {
      CHECK(record.read_back.z[i] == Approx(z_of(structures[i], sketches, i, TagRule::hard)));
    }
    CHECK(record.read_back.total > 0.7 * result.read_back.expected_z);
    CHECK(record.read_back.total < 1.4 * result.read_back.expected_z);
  }
}

TEST_CASE("a licensee's pass reads back its own code, and no other", "[embed][read-back]") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "model");
  write_tiny_model(scratch / "model", "llama", kReadBackSizes);
  const MarkableModel model = open_model(scratch / "model");
  const auto key = test_key("owner");
  mark(model, key, scratch / "owner");
  const MarkableModel release = open_model(scratch / "owner");
  const EmbedResult result = mark(release, key, scratch / "acme", {.licensee = "acme"});
  REQUIRE(result.read_back.read.z.size() == 1);
  CHECK(result.read_back.read.total > 0.7 * result.read_back.expected_z);
  CHECK(must(read_record(record_of(scratch / "acme"))).read_back.z == result.read_back.read.z);

  const MarkableModel copy = open_model(scratch / "acme");
  std::vector<StructureKey> keys;
  keys.push_back({trace_key(key), StructureRole::trace});
  const auto structures = must(make_structures(
      copy.checkpoint, copy.anatomy, copy.vocabulary.strings, std::move(keys), 1, nullptr));
  const MarkPlan plan{0.03, 1, copy.anatomy.weight_count(), static_cast<double>(kCodeBits)};
  const std::optional<std::string> other = "other";
  const auto found = must(read_back(copy.checkpoint, copy.anatomy, structures, {plan, other}));
  CHECK(std::abs(found.read.total) < 5);
  CHECK_FALSE(check_read_back(plan, found));
}

TEST_CASE("reading back stops at twice the conclusive z", "[embed][read-back]") {
  CHECK(read_back_enough() == Approx(27.54).margin(0.01));
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "model");
  write_tiny_model(scratch / "model", "llama",
                   {.width = 128, .vocabulary = 1000, .layers = 4, .units = 4000});
  const MarkableModel model = open_model(scratch / "model");
  const EmbedResult result =
      mark(model, test_key("owner"), scratch / "out", {.threads = 2, .block_bytes = 1 << 16});
  CHECK(result.read_back.read.total >= read_back_enough());
  CHECK(result.read_back.read.weights < model.anatomy.weight_count());
}

TEST_CASE("a plan that promises little is not refused for what chance does", "[embed][read-back]") {
  const MarkPlan weak{0.001, 1, 1'000'000, 48'384};
  CHECK(check_read_back(weak, {{1'000'000, {-2}, -2}, 0.9}));
  const MarkPlan strong{0.001, 1, 1'000'000'000, 48'384};
  CHECK_FALSE(check_read_back(strong, {{1'000'000'000, {14.6}, 14.6}, 29.5}));
  CHECK(check_read_back(strong, {{1'000'000'000, {14.8}, 14.8}, 29.5}));
  // Repeated neurons lower what is expected, but not below half of 12.
  CHECK(check_read_back(strong, {{1'000'000'000, {6.1}, 6.1}, 7}));
  CHECK_FALSE(check_read_back(strong, {{1'000'000'000, {5.9}, 5.9}, 7}));
}

}  // namespace wmk::embed
