// Exact attacks are exact: an independent forward pass gives the same logits before and after them.
#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/text/tokenizer.h"
#include "tests/support/marking.h"
#include "tests/unit/lab/forward.h"
#include "tests/unit/lab/lab_fixture.h"

using namespace wmk;
using namespace wmk::test;

namespace {

const std::vector<size_t> kPrompt{5, 17, 100, 3, 42, 200, 17};

double largest(const std::vector<Vector>& logits) {
  double top = 0;
  for (const Vector& row : logits) {
    for (const double value : row) top = std::max(top, std::fabs(value));
  }
  return top;
}

// Largest difference, relative to the largest logit.
double difference(const std::vector<Vector>& a, const std::vector<Vector>& b) {
  REQUIRE(a.size() == b.size());
  double top = 0;
  for (size_t t = 0; t < a.size(); ++t) {
    REQUIRE(a[t].size() == b[t].size());
    for (size_t i = 0; i < a[t].size(); ++i) top = std::max(top, std::fabs(a[t][i] - b[t][i]));
  }
  return top / largest(a);
}

// Tensors of `before` that differ or are missing in `after`.
size_t changed_tensors(const std::filesystem::path& before, const std::filesystem::path& after) {
  auto old_one = checkpoint::Checkpoint::open(before),
       new_one = checkpoint::Checkpoint::open(after);
  REQUIRE(old_one);
  REQUIRE(new_one);
  size_t changed = 0;
  for (const checkpoint::Tensor& tensor : old_one->tensors()) {
    const checkpoint::Tensor* other = new_one->find(tensor.name);
    Bytes a(tensor.bytes), b(other ? other->bytes : 0);
    REQUIRE(old_one->read(tensor, 0, a));
    if (other) REQUIRE(new_one->read(*other, 0, b));
    changed += a != b;
  }
  return changed;
}

void check_exact(const std::string& attack, const std::filesystem::path& model, size_t changed) {
  INFO(attack << " on " << model.filename());
  const auto out = attacked(attack, {}, model);
  CHECK(difference(TinyModel(model).logits(kPrompt), TinyModel(out).logits(kPrompt)) < 2e-6);
  CHECK(changed_tensors(model, out) >= changed);
}

// An attack, and how many tensors of a tiny model (2 layers) it must change at least.
const std::vector<std::pair<std::string, size_t>> kAttacks{
    {"permute", 6},          {"scale", 4}, {"flip", 4}, {"gain", 6}, {"clone", 6}, {"rotate", 17},
    {"permute-residual", 17}};

}  // namespace

TEST_CASE("exact attacks keep the logits of a dense model with a tied head", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  for (const auto& [attack, changed] : kAttacks) check_exact(attack, model, changed);
  check_exact("reshard", model, 0);
}

TEST_CASE("exact attacks keep the logits of a model with biases and an untied head", "[lab]") {
  const Scratch scratch;
  lab::DemoShape shape = tiny_shape();
  shape.tied = false;
  shape.biases = true;
  shape.shards = 1;
  const auto model = tiny_model(scratch, "biased", shape);
  for (const auto& [attack, changed] : kAttacks) check_exact(attack, model, changed);
}

TEST_CASE("exact attacks keep the logits of mixtures of experts", "[lab]") {
  const std::string style = GENERATE("mixtral", "qwen2_moe", "fine-grained");
  const Scratch scratch;
  const auto model =
      attacked("upcycle", {{"style", style}, {"experts", "4"}}, tiny_model(scratch, "dense"));
  for (const auto& [attack, changed] : kAttacks) check_exact(attack, model, changed);
}

TEST_CASE("a sequence of exact attacks keeps the logits", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  auto last = model;
  for (const char* attack : {"permute", "rotate", "flip", "clone", "permute-residual", "gain"}) {
    last = attacked(attack, {}, last);
  }
  CHECK(difference(TinyModel(model).logits(kPrompt), TinyModel(last).logits(kPrompt)) < 1e-5);
}

TEST_CASE("a vocabulary that is only in tokenizer.model is not shuffled", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "model");
  std::filesystem::remove(model / "tokenizer.json");
  scratch.put("model/tokenizer.model",
              "\x0a\x03\x0a\x01"
              "a");
  const auto outcome = try_attack("shuffle-vocabulary", {}, model, scratch / "out");
  REQUIRE(!outcome);
  CHECK(outcome.error().code() == ErrorCode::unsupported);
}

TEST_CASE("a shuffled vocabulary gives every token the logits it had", "[lab]") {
  const Scratch scratch;
  const bool tied = GENERATE(true, false);
  lab::DemoShape shape = tiny_shape();
  shape.tied = tied;
  const auto model = tiny_model(scratch, "dense", shape);
  const auto out = attacked("shuffle-vocabulary", {}, model);
  auto before = checkpoint::read_vocabulary(model, shape.vocabulary);
  auto after = checkpoint::read_vocabulary(out, shape.vocabulary);
  REQUIRE(before);
  REQUIRE(after);
  std::vector<size_t> place, prompt;
  for (const std::string& token : before->strings) {
    const auto found = std::find(after->strings.begin(), after->strings.end(), token);
    REQUIRE(found != after->strings.end());
    place.push_back(static_cast<size_t>(found - after->strings.begin()));
  }
  for (const size_t token : kPrompt) prompt.push_back(place[token]);
  CHECK(prompt != kPrompt);
  const auto old_logits = TinyModel(model).logits(kPrompt);
  auto moved = TinyModel(out).logits(prompt);
  for (Vector& row : moved) {
    const Vector shuffled = row;
    for (size_t token = 0; token < place.size(); ++token) row[token] = shuffled[place[token]];
  }
  CHECK(difference(old_logits, moved) < 1e-9);

  auto config = json::Document::parse(content_of(out / "config.json"));
  REQUIRE(config);
  CHECK(config->root().find("eos_token_id")->unsigned_integer() == place[1]);
}

TEST_CASE("upcycling to equal experts keeps the logits, re-initialised neurons do not", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  const auto before = TinyModel(model).logits(kPrompt);
  const auto same = attacked("upcycle", {{"reinit", "0"}, {"drift", "0"}}, model, 1);
  CHECK(difference(before, TinyModel(same).logits(kPrompt)) < 1e-9);
  const auto renewed = attacked("upcycle", {{"reinit", "0.5"}, {"drift", "0"}}, model, 2);
  CHECK(difference(before, TinyModel(renewed).logits(kPrompt)) > 1e-3);
}

TEST_CASE("mix-heads refuses a model whose queries stand beside a gate", "[lab][bad-input]") {
  const Scratch scratch;
  const auto model = test::open_model(tiny_model(scratch, "plain"));
  auto tensors = test::tensors_of(model);
  for (test::StoredTensor& each : tensors) {
    if (each.name.find("q_proj.weight") == std::string::npos) continue;
    const Bytes queries = each.data;
    each.data.insert(each.data.end(), queries.begin(), queries.end());
    each.shape[0] *= 2;
  }
  // Something that knows the heads apart, so that no query is moved.
  tensors.push_back(
      test::stored("model.layers.0.self_attn.sinks", checkpoint::DType::f32, {4}, {1, 2, 3, 4}));
  (void)test::write_model(scratch / "gated", tensors, model);
  const auto outcome = try_attack("mix-heads", {}, scratch / "gated", scratch / "out");
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().message().find("pass a gate") != std::string::npos);
}

TEST_CASE("attacks on heads keep the logits, and change q, v and o of each layer", "[lab]") {
  const Scratch scratch;
  lab::DemoShape shape = tiny_shape();
  shape.tied = false;
  shape.biases = GENERATE(false, true);
  shape.shards = 1;
  const auto model = tiny_model(scratch, "grouped", shape);
  check_exact("mix-heads", model, shape.biases ? 10 : 6);
  check_exact("expand-heads", model, shape.biases ? 8 : 4);
  const auto expanded = attacked("expand-heads", {}, model, 2);
  check_exact("mix-heads", expanded, 4);  // queries have no others in their group
  const auto again = try_attack("expand-heads", {}, expanded, scratch / "again");
  REQUIRE_FALSE(again);
  CHECK(again.error().message() == "layer 0: each query head has a key/value head already");
}
