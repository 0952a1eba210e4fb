// Upcycling makes experts according to the recipe.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "checkpoint/layout/anatomy.h"
#include "tests/unit/lab/lab_fixture.h"

using namespace wmk;
using namespace wmk::test;

namespace {

using Row = std::vector<float>;

// The vectors of a matrix by neuron, whether neurons are rows or columns.
std::vector<Row> neurons_of(const std::filesystem::path& folder, const std::string& name,
                            bool by_columns) {
  auto opened = checkpoint::Checkpoint::open(folder);
  REQUIRE(opened);
  INFO(name);
  const checkpoint::Tensor* tensor = opened->find(name);
  REQUIRE(tensor != nullptr);
  Bytes bytes(tensor->bytes);
  REQUIRE(opened->read(*tensor, 0, bytes));
  const size_t rows = tensor->shape[0], columns = tensor->shape[1];
  std::vector<Row> out(by_columns ? columns : rows);
  for (size_t i = 0; i < rows * columns; ++i) {
    out[by_columns ? i % columns : i / columns].push_back(load_le<float>(&bytes[4 * i]));
  }
  return out;
}

// The dense neuron that each vector of an expert comes from; nullopt: re-initialised.
std::vector<std::optional<size_t>> sources(const std::vector<Row>& expert,
                                           const std::vector<Row>& dense) {
  std::map<Row, size_t> places;
  for (size_t i = 0; i < dense.size(); ++i) places[dense[i]] = i;
  std::vector<std::optional<size_t>> out;
  for (const Row& row : expert) {
    const auto found = places.find(row);
    out.push_back(found == places.end() ? std::nullopt : std::optional(found->second));
  }
  return out;
}

std::vector<std::optional<size_t>> expert_sources(const std::filesystem::path& model,
                                                  const std::filesystem::path& out, char part,
                                                  int expert) {
  const std::string dense = part == '1' ? "gate" : part == '3' ? "up" : "down";
  const std::string name =
      "model.layers.1.block_sparse_moe.experts." + std::to_string(expert) + ".w" + part + ".weight";
  return sources(neurons_of(out, name, part == '2'),
                 neurons_of(model, "model.layers.1.mlp." + dense + "_proj.weight", part == '2'));
}

size_t kept(const std::vector<std::optional<size_t>>& sources) {
  return static_cast<size_t>(
      std::count_if(sources.begin(), sources.end(), [](const auto& s) { return s.has_value(); }));
}

}  // namespace

TEST_CASE("an expert keeps half of the neurons intact and in its own order", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  const auto out = attacked("upcycle", {{"drift", "0"}}, model);
  const auto gate = expert_sources(model, out, '1', 0);
  CHECK(gate.size() == 48);
  CHECK(kept(gate) == 24);
  CHECK(expert_sources(model, out, '3', 0) == gate);
  CHECK(expert_sources(model, out, '2', 0) == gate);
  CHECK(expert_sources(model, out, '1', 1) != gate);
  std::set<size_t> distinct;
  bool in_order = true;
  size_t last = 0;
  for (const auto& source : gate) {
    if (!source) continue;
    in_order = in_order && *source >= last;
    last = *source;
    distinct.insert(*source);
  }
  CHECK(distinct.size() == 24);
  CHECK_FALSE(in_order);
}

TEST_CASE("if each matrix draws its own neurons, few stay intact", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  const auto out = attacked("upcycle", {{"drift", "0"}, {"reinit-draw", "matrices"}}, model);
  size_t whole = 0, of_each[3] = {0, 0, 0};
  for (int expert = 0; expert < 8; ++expert) {
    const auto gate = expert_sources(model, out, '1', expert);
    const auto up = expert_sources(model, out, '3', expert);
    const auto down = expert_sources(model, out, '2', expert);
    of_each[0] += kept(gate);
    of_each[1] += kept(up);
    of_each[2] += kept(down);
    for (size_t i = 0; i < gate.size(); ++i) whole += gate[i] && up[i] && down[i];
  }
  for (const size_t count : of_each) CHECK(count == 8 * 24);
  // 48 of 384 are expected; half or a quarter of them would mean joint draws.
  CHECK(whole > 24);
  CHECK(whole < 84);
}

TEST_CASE("re-initialised neurons have the scale of their matrix", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  const auto out = attacked("upcycle", {{"drift", "0"}}, model);
  double new_squares = 0, old_squares = 0;
  size_t new_count = 0, old_count = 0;
  for (int expert = 0; expert < 8; ++expert) {
    const auto from = expert_sources(model, out, '3', expert);
    const auto rows = neurons_of(
        out, "model.layers.1.block_sparse_moe.experts." + std::to_string(expert) + ".w3.weight",
        false);
    for (size_t i = 0; i < rows.size(); ++i) {
      for (const float value : rows[i]) (from[i] ? old_squares : new_squares) += value * value;
      (from[i] ? old_count : new_count) += rows[i].size();
    }
  }
  const double ratio = (new_squares / static_cast<double>(new_count)) /
                       (old_squares / static_cast<double>(old_count));
  CHECK(ratio == Approx(1).epsilon(0.15));
}

TEST_CASE("the copy opens as a mixture of experts", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  const auto [style, family, units] = GENERATE(
      table<std::string, std::string, uint64_t>({{"mixtral", "mixtral", 2 * 4 * 48},
                                                 {"qwen2_moe", "qwen_moe", 2 * 5 * 48},
                                                 {"fine-grained", "qwen_moe", 2 * (4 * 12 + 48)}}));
  const auto out = attacked("upcycle", {{"style", style}, {"experts", "4"}}, model);
  auto opened = lab::Model::open(out);
  REQUIRE(opened);
  CHECK(opened->anatomy().family == family);
  CHECK(opened->anatomy().expert_count() == 4);
  CHECK(opened->anatomy().unit_count() == units);
  CHECK(opened->config().experts == 4u);
  CHECK(opened->config().experts_per_token == 2u);
}

TEST_CASE("fine-grained experts divide the neurons among them", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  const auto out = attacked(
      "upcycle", {{"style", "fine-grained"}, {"experts", "8"}, {"reinit", "0"}, {"drift", "0"}},
      model);
  const auto dense = neurons_of(model, "model.layers.0.mlp.up_proj.weight", false);
  std::map<size_t, int> uses;
  for (int expert = 0; expert < 8; ++expert) {
    const std::string name =
        "model.layers.0.mlp.experts." + std::to_string(expert) + ".up_proj.weight";
    for (const auto& source : sources(neurons_of(out, name, false), dense)) {
      REQUIRE(source);
      ++uses[*source];
    }
  }
  // 8 experts of a quarter of the size contain every neuron twice.
  CHECK(uses.size() == 48);
  for (const auto& [neuron, count] : uses) CHECK(count == 2);
}

TEST_CASE("a mixture of experts is not upcycled again", "[lab]") {
  const Scratch scratch;
  const auto once = attacked("upcycle", {{"experts", "2"}}, tiny_model(scratch, "dense"));
  const auto twice = try_attack("upcycle", {}, once, scratch / "twice");
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code() == ErrorCode::unsupported);
}
