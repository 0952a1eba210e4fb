// Attacks that hide a mark behind further neurons, dimensions and names.
#include <algorithm>
#include <cmath>
#include <fstream>

#include "checkpoint/checkpoint.h"
#include "checkpoint/text/tokenizer.h"
#include "tests/unit/lab/forward.h"
#include "tests/unit/lab/lab_fixture.h"

using namespace wmk;
using namespace wmk::test;

namespace {

const std::vector<size_t> kTokens{5, 17, 100, 3, 42, 200, 17};

// The largest difference of the logits, relative to the largest logit.
double changed_logits(const std::filesystem::path& before, const std::filesystem::path& after) {
  const auto a = TinyModel(before).logits(kTokens), b = TinyModel(after).logits(kTokens);
  double top = 0, largest = 0;
  for (size_t t = 0; t < a.size(); ++t) {
    for (size_t i = 0; i < a[t].size(); ++i) {
      top = std::max(top, std::fabs(a[t][i] - b[t][i]));
      largest = std::max(largest, std::fabs(a[t][i]));
    }
  }
  return top / largest;
}

checkpoint::Checkpoint opened(const std::filesystem::path& folder) {
  auto found = checkpoint::Checkpoint::open(folder);
  REQUIRE(found);
  return std::move(*found);
}

std::vector<uint64_t> shape_of(const std::filesystem::path& folder, const std::string& name) {
  const auto model = opened(folder);
  const auto* tensor = model.find(name);
  REQUIRE(tensor != nullptr);
  return tensor->shape;
}

std::vector<std::string> labels(const std::filesystem::path& folder, uint64_t rows) {
  auto read = checkpoint::read_vocabulary(folder, rows);
  REQUIRE(read);
  return read->strings;
}

const std::string kUp = "model.layers.0.mlp.up_proj.weight";

}  // namespace

TEST_CASE("disguises that add neurons or dimensions keep the logits", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  CHECK(changed_logits(model, attacked("rescale-extreme", {}, model)) < 2e-6);
  CHECK(changed_logits(model, attacked("dummy-neurons", {}, model)) < 2e-6);
  CHECK(changed_logits(model, attacked("widen", {}, model)) < 2e-6);
  CHECK(changed_logits(model, attacked("widen", {{"junk", "3"}}, model, 2)) < 2e-6);
  for (const char* clones : {"2", "3", "4"}) {
    INFO(clones);
    const auto seed = static_cast<uint64_t>(clones[0]);
    CHECK(changed_logits(model, attacked("clone-neurons", {{"clones", clones}}, model, seed)) <
          2e-5);
  }
}

TEST_CASE("cloned neurons share a gate, and their noise is as long as asked", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  const auto out = attacked("clone-neurons", {{"clones", "3"}}, model);
  CHECK(shape_of(out, kUp) == std::vector<uint64_t>{144, 32});
  CHECK(shape_of(out, "model.layers.0.mlp.down_proj.weight") == std::vector<uint64_t>{32, 144});
  const auto quiet = attacked("clone-neurons", {{"clones", "3"}, {"noise", "0"}}, model, 2);
  CHECK(changed_logits(model, quiet) < 2e-6);
}

TEST_CASE("dummy neurons repeat their patterns in all layers", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  const auto out =
      attacked("dummy-neurons", {{"fraction", "0.5"}, {"patterns", "4"}, {"exponent", "0"}}, model);
  CHECK(shape_of(out, kUp) == std::vector<uint64_t>{72, 32});
  CHECK(changed_logits(model, out) > 1e-3);
}

TEST_CASE("renamed tensors hold the same bytes under other names", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  const auto before = opened(model);
  const std::pair<const char*, const char*> styles[] = {{"opaque", "t0001"},
                                                        {"prefix", "foo.bar."},
                                                        {"slashes", "/"},
                                                        {"underscores", "model_layers_0_"},
                                                        {"letters", "blocks.0.mlp.w3.weight"}};
  uint64_t seed = 0;
  for (const auto& [style, part] : styles) {
    INFO(style);
    const auto after = opened(attacked("rename-tensors", {{"style", style}}, model, ++seed));
    CHECK(after.tensors().size() == before.tensors().size());
    CHECK(std::any_of(after.tensors().begin(), after.tensors().end(), [&](const auto& tensor) {
      return tensor.name.find(part) != std::string::npos;
    }));
    CHECK(after.find(kUp) == nullptr);
  }
}

TEST_CASE("renamed tokens keep their rows, and as many keep their strings as asked", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  const auto before = labels(model, 280);
  const auto same = [&](const std::filesystem::path& folder) {
    const auto after = labels(folder, 280);
    size_t count = 0;
    for (size_t row = 0; row < before.size(); ++row) count += before[row] == after[row];
    return count;
  };
  const auto all = attacked("rename-tokens", {}, model);
  CHECK(same(all) == 0);
  CHECK(changed_logits(model, all) == 0);
  const size_t half = same(attacked("rename-tokens", {{"fraction", "0.5"}}, model, 2));
  CHECK(half > 100);
  CHECK(half < 180);
}

TEST_CASE("a transplanted tokenizer keeps the rows of the strings that both know", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  std::filesystem::create_directory(scratch / "donor");
  const auto known = labels(model, 280);
  std::ofstream(scratch / "donor" / "tokenizer.json")
      << R"({"added_tokens": [], "model": {"type": "BPE", "merges": [], "vocab": )"
      << R"({"unheard": 0, "unseen": 1, "a": 2}}})";
  const auto out =
      attacked("transplant-tokenizer", {{"donor", (scratch / "donor").string()}}, model);
  CHECK(shape_of(out, "model.embed_tokens.weight") == std::vector<uint64_t>{3, 32});
  CHECK(labels(out, 3) == std::vector<std::string>{"unheard", "unseen", "a"});
  const auto row_of = std::find(known.begin(), known.end(), "a") - known.begin();
  REQUIRE(row_of < 280);
  const auto a = TinyModel(model).logits({static_cast<size_t>(row_of)});
  const auto b = TinyModel(out).logits({2});
  CHECK(std::fabs(a[0][static_cast<size_t>(row_of)] - b[0][2]) < 1e-6 * std::fabs(b[0][2]) + 1e-6);
  CHECK_FALSE(try_attack("transplant-tokenizer", {{"donor", model.string() + "-none"}}, model,
                         scratch / "nothing"));
}
