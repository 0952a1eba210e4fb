// Small parts of lab: random numbers, names, JSON trees, rotations, synthetic tokenizers.
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <set>

#include "lab/attacks/rotation.h"
#include "lab/demo/demo_model.h"
#include "lab/model/json_tree.h"
#include "lab/model/names.h"
#include "lab/random.h"

using namespace wmk;
using namespace wmk::lab;

TEST_CASE("gaussian numbers have the moments of N(0, 1)", "[lab]") {
  Random random(1, "test");
  const int count = 400000;
  double moments[5] = {};
  int beyond = 0;
  for (int i = 0; i < count; ++i) {
    const double x = random.gaussian();
    double power = 1;
    for (double& moment : moments) {
      moment += power / count;
      power *= x;
    }
    beyond += std::fabs(x) > 3;
  }
  CHECK(moments[1] == Approx(0).margin(0.01));
  CHECK(moments[2] == Approx(1).epsilon(0.01));
  CHECK(moments[3] == Approx(0).margin(0.03));
  CHECK(moments[4] == Approx(3).epsilon(0.03));
  CHECK(beyond / static_cast<double>(count) == Approx(0.0027).epsilon(0.15));
}

TEST_CASE("seed and purpose select a stream of random numbers", "[lab]") {
  CHECK(Random(1, "a").bits() == Random(1, "a").bits());
  CHECK(Random(1, "a").bits() != Random(2, "a").bits());
  CHECK(Random(1, "a").bits() != Random(1, "b").bits());
  // The engine is std::mt19937_64; the number comes from an independent implementation.
  CHECK(Random(1, "a").bits() == 3966866808739910679ull);
}

TEST_CASE("below() gives every number about equally often", "[lab]") {
  Random random(3, "below");
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) ++counts[random.below(7)];
  for (const int count : counts) CHECK(count == Approx(10000).epsilon(0.05));
}

TEST_CASE("a permutation has every number once, a choice has distinct numbers in order", "[lab]") {
  Random random(4, "permutation");
  const auto order = random.permutation(100);
  CHECK(std::set<uint64_t>(order.begin(), order.end()).size() == 100);
  CHECK_FALSE(std::is_sorted(order.begin(), order.end()));
  const auto chosen = random.choose(100, 30);
  CHECK(std::set<uint64_t>(chosen.begin(), chosen.end()).size() == 30);
  CHECK(std::is_sorted(chosen.begin(), chosen.end()));
  CHECK(chosen.back() < 100);
}

TEST_CASE("numbers in names are complete segments", "[lab]") {
  const auto layer = split_at_number("model.layers.3.mlp.experts.17.w1.weight", 0);
  REQUIRE(layer);
  CHECK(layer->number == 3);
  CHECK(with_number(*layer, 12) == "model.layers.12.mlp.experts.17.w1.weight");
  const auto expert = split_at_number("model.layers.3.mlp.experts.17.w1.weight", 1);
  REQUIRE(expert);
  CHECK(expert->before == "model.layers.3.mlp.experts.");
  CHECK(expert->number == 17);
  CHECK_FALSE(split_at_number("model.layers.3.mlp.w1.weight", 1));
  CHECK_FALSE(split_at_number("h.99999999999999999999.w", 0));
  CHECK(split_at_number("7", 0)->number == 7);
}

TEST_CASE("a JSON tree is written as it was read, except for edited members", "[lab]") {
  const std::string text =
      R"({"a": 1, "b": [1.0, -2.5, 1e-5, -1, true, null], "c": {"d": "\u00e9\n"}})";
  auto tree = JsonTree::parse(text);
  REQUIRE(tree);
  tree->set("a", JsonTree::number(7));
  tree->set("new", JsonTree::string("x\"y"));
  auto again = json::Document::parse(tree->to_string());
  REQUIRE(again);
  CHECK(again->root().find("a")->unsigned_integer() == 7u);
  CHECK(again->root().find("new")->string() == "x\"y");
  CHECK(again->root().find("c")->find("d")->string() == "\u00e9\n");
  CHECK(tree->find("b")->children()[0].text() == "1.0");
  CHECK(tree->find("b")->children()[1].text() == "-2.5");
  CHECK(tree->find("b")->children()[3].text() == "-1");
  CHECK(tree->to_string().find("1e-05") != std::string::npos);
}

TEST_CASE("a rotation is orthogonal, and its two products are inverse", "[lab]") {
  Random random(9, "rotation");
  const Rotation turn = Rotation::make(24, random);
  for (uint64_t i = 0; i < 24; ++i) {
    for (uint64_t j = 0; j < 24; ++j) {
      double dot = 0;
      for (uint64_t k = 0; k < 24; ++k) dot += double(turn.at(k, i)) * turn.at(k, j);
      REQUIRE(dot == Approx(i == j ? 1 : 0).margin(1e-6));
    }
  }
  Values reader(5 * 24), writer(24 * 5);
  for (float& value : reader) value = random.gaussian();
  for (float& value : writer) value = random.gaussian();
  Values turned_reader = reader, turned_writer = writer;
  turn.rotate_rows(turned_reader);
  turn.rotate_columns(turned_writer);
  const auto product = [](const Values& a, const Values& b, size_t i, size_t j) {
    double sum = 0;
    for (size_t k = 0; k < 24; ++k) sum += double(a[i * 24 + k]) * b[k * 5 + j];
    return sum;
  };
  for (size_t i = 0; i < 5; ++i) {
    for (size_t j = 0; j < 5; ++j) {
      REQUIRE(product(turned_reader, turned_writer, i, j) ==
              Approx(product(reader, writer, i, j)).margin(1e-5));
    }
  }
  CHECK(turned_reader != reader);
}

TEST_CASE("a synthetic tokenizer has every token once and the merges that build them", "[lab]") {
  const std::string text = demo_tokenizer(2000, 1);
  CHECK(text == demo_tokenizer(2000, 1));
  CHECK(text != demo_tokenizer(2000, 2));
  auto document = json::Document::parse(text);  // refuses duplicate keys
  REQUIRE(document);
  const auto model = document->root().find("model");
  const auto vocabulary = model->find("vocab");
  CHECK(vocabulary->size() == 2000);
  CHECK(vocabulary->find("<|end|>")->unsigned_integer() == 1u);
  CHECK(model->find("merges")->size() == 2000 - 3 - 256);
  const auto merges = model->find("merges");
  for (const json::Value merge : *merges) {
    const std::string pair(merge.string().value());
    const size_t space = pair.find(' ');
    REQUIRE(vocabulary->find(pair.substr(0, space)));
    REQUIRE(vocabulary->find(pair.substr(space + 1)));
    REQUIRE(vocabulary->find(pair.substr(0, space) + pair.substr(space + 1)));
  }
}
