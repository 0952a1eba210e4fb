// Lossy attacks change the tensors that specs/attacks.md names, as defined there, and no others.
#include <cmath>
#include <set>

#include "base/json.h"
#include "checkpoint/checkpoint.h"
#include "tests/unit/lab/lab_fixture.h"

using namespace wmk;
using namespace wmk::test;

namespace {

constexpr const char* kGate = "model.layers.0.mlp.gate_proj.weight";
constexpr const char* kDown = "model.layers.1.mlp.down_proj.weight";

struct Opened {
  checkpoint::Checkpoint checkpoint;

  explicit Opened(const std::filesystem::path& path)
      : checkpoint(std::move(*checkpoint::Checkpoint::open(path))) {}
  bool has(const std::string& name) const { return checkpoint.find(name) != nullptr; }
  std::vector<float> values(const std::string& name) const {
    INFO(name);
    const checkpoint::Tensor* tensor = checkpoint.find(name);
    REQUIRE(tensor != nullptr);
    Bytes bytes(tensor->bytes);
    REQUIRE(checkpoint.read(*tensor, 0, bytes));
    std::vector<float> out(tensor->elements());
    REQUIRE(tensor->dtype == checkpoint::DType::f32);
    std::memcpy(out.data(), bytes.data(), bytes.size());
    return out;
  }
};

double root_mean_square(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * value;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

std::vector<float> difference(std::vector<float> a, const std::vector<float>& b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
  return a;
}

std::optional<uint64_t> config_number(const std::filesystem::path& folder, const char* key) {
  auto document = json::Document::parse(content_of(folder / "config.json"));
  REQUIRE(document);
  const auto value = document->root().find(key);
  return value ? value->unsigned_integer() : std::nullopt;
}

}  // namespace

TEST_CASE("drift adds noise of the given size to matrices only", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  const Opened before(model);
  const Opened after(attacked("drift", {{"drift", "0.3"}, {"embedding-drift", "0.1"}}, model));
  for (const char* name : {kGate, kDown, "model.layers.1.self_attn.v_proj.weight"}) {
    const auto old = before.values(name);
    const double relative =
        root_mean_square(difference(after.values(name), old)) / root_mean_square(old);
    CHECK(relative == Approx(0.3).epsilon(0.1));
  }
  const auto old = before.values("model.embed_tokens.weight");
  const auto moved = difference(after.values("model.embed_tokens.weight"), old);
  CHECK(root_mean_square(moved) / root_mean_square(old) == Approx(0.1).epsilon(0.1));
  CHECK(before.values("model.norm.weight") == after.values("model.norm.weight"));
}

TEST_CASE("quantising leaves 2^bits values in every group", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  const auto out = attacked("quantize", {{"bits", "3"}, {"group", "16"}}, model);
  const auto old = Opened(model).values(kGate), rounded = Opened(out).values(kGate);
  size_t groups_with_all = 0;
  for (size_t begin = 0; begin < old.size(); begin += 16) {
    const std::set<float> levels(rounded.begin() + begin, rounded.begin() + begin + 16);
    REQUIRE(levels.size() <= 8);
    groups_with_all += levels.size() >= 5;
    const auto [low, high] = std::minmax_element(old.begin() + begin, old.begin() + begin + 16);
    for (size_t i = begin; i < begin + 16; ++i) {
      REQUIRE(std::fabs(rounded[i] - old[i]) <= (*high - *low) / 7 / 2 * 1.001);
    }
  }
  CHECK(groups_with_all > old.size() / 16 / 2);
  CHECK(Opened(model).values("model.embed_tokens.weight") ==
        Opened(out).values("model.embed_tokens.weight"));
}

TEST_CASE("pruning zeroes the smallest weights and keeps the others", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  const auto old = Opened(model).values(kDown);
  const auto pruned = Opened(attacked("prune", {{"fraction", "0.7"}}, model)).values(kDown);
  size_t zeros = 0;
  float largest_gone = 0, smallest_kept = 1e9f;
  for (size_t i = 0; i < old.size(); ++i) {
    if (pruned[i] == 0) {
      ++zeros;
      largest_gone = std::max(largest_gone, std::fabs(old[i]));
    } else {
      REQUIRE(pruned[i] == old[i]);
      smallest_kept = std::min(smallest_kept, std::fabs(old[i]));
    }
  }
  CHECK(zeros == static_cast<size_t>(0.7 * static_cast<double>(old.size())));
  CHECK(largest_gone < smallest_kept);
}

TEST_CASE("after layers are dropped the others are numbered without gaps", "[lab]") {
  const Scratch scratch;
  lab::DemoShape shape = tiny_shape();
  shape.layers = 5;
  const auto model = tiny_model(scratch, "dense", shape);
  const auto out = attacked("drop-layers", {{"fraction", "0.4"}}, model);
  const Opened before(model), after(out);
  CHECK(config_number(out, "num_hidden_layers") == 3u);
  CHECK(after.checkpoint.tensors().size() == before.checkpoint.tensors().size() - 2 * 9);
  CHECK_FALSE(after.has("model.layers.3.input_layernorm.weight"));
  // The remaining layers are in the old order and unchanged.
  int last = -1;
  for (int layer = 0; layer < 3; ++layer) {
    const auto kept = after.values("model.layers." + std::to_string(layer) + ".mlp.up_proj.weight");
    int from = -1;
    for (int old = 0; old < 5; ++old) {
      if (before.values("model.layers." + std::to_string(old) + ".mlp.up_proj.weight") == kept) {
        from = old;
      }
    }
    CHECK(from > last);
    last = from;
  }
  const auto none = try_attack("drop-layers", {{"fraction", "1"}}, model, scratch / "none");
  REQUIRE_FALSE(none);
  CHECK(none.error().code() == ErrorCode::invalid_argument);
  CHECK_FALSE(std::filesystem::exists(scratch / "none"));
}

TEST_CASE("merging takes the weighted mean", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  const auto other = attacked("drift", {{"drift", "1"}}, model);
  const auto out = attacked("merge", {{"with", other.string()}, {"weight", "0.25"}}, model);
  const auto a = Opened(model).values(kGate), b = Opened(other).values(kGate);
  const auto mixed = Opened(out).values(kGate);
  for (size_t i = 0; i < a.size(); ++i) {
    REQUIRE(mixed[i] == Approx(0.75 * a[i] + 0.25 * b[i]).margin(1e-6));
  }
  lab::DemoShape shape = tiny_shape();
  shape.units = 40;
  const auto narrow = tiny_model(scratch, "narrow", shape);
  const auto refused = try_attack("merge", {{"with", narrow.string()}}, model, scratch / "refused");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message().find("gate_proj") != std::string::npos);
}

TEST_CASE("a cast changes types, but those of vectors only if the target is not fp8", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  const auto half = checkpoint::Checkpoint::open(attacked("cast", {{"to", "bf16"}}, model, 1));
  const auto byte = checkpoint::Checkpoint::open(attacked("cast", {{"to", "f8_e4m3"}}, model, 2));
  REQUIRE(half);
  REQUIRE(byte);
  CHECK(half->find(kGate)->dtype == checkpoint::DType::bf16);
  CHECK(half->find("model.norm.weight")->dtype == checkpoint::DType::bf16);
  CHECK(byte->find(kGate)->dtype == checkpoint::DType::f8_e4m3);
  CHECK(byte->find("model.norm.weight")->dtype == checkpoint::DType::f32);
}

TEST_CASE("fresh matrices have the scale of the old ones, and the other kind stays", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  const Opened before(model);
  const std::vector<std::string> ffn = {kGate, kDown};
  const std::vector<std::string> attention = {"model.layers.0.self_attn.v_proj.weight",
                                              "model.layers.1.self_attn.o_proj.weight"};
  for (const bool is_ffn : {true, false}) {
    const Opened after(attacked(is_ffn ? "fresh-ffn" : "fresh-attention", {}, model));
    for (const std::string& name : is_ffn ? ffn : attention) {
      const auto old_values = before.values(name), values = after.values(name);
      INFO(name);
      CHECK(root_mean_square(values) == Approx(root_mean_square(old_values)).epsilon(0.1));
      CHECK(root_mean_square(difference(values, old_values)) > 1.2 * root_mean_square(old_values));
    }
    for (const std::string& name : is_ffn ? attention : ffn) {
      CHECK(before.values(name) == after.values(name));
    }
  }
}
