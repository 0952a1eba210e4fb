// The facade on models as they are: inspect, compare.
#include "tests/unit/library/facade_case.h"

namespace weightmark {
namespace {

using test::Case;
using test::StoredTensor;
using test::value;

uint64_t tensors_in(const std::vector<TensorCount>& counts) {
  uint64_t out = 0;
  for (const TensorCount& each : counts) out += each.tensors;
  return out;
}

}  // namespace

TEST_CASE("an inspection says what a model holds and which sites can carry a mark", "[library]") {
  Case test;
  const Inspection files = value(inspect({test.path("model")}));
  CHECK(files.family == "llama");
  CHECK(files.layers == 2);
  CHECK(files.width == 64);
  CHECK(files.units == 1800);
  CHECK(files.weights == 1800 * 3 * 64);
  CHECK(files.vocabulary == test::kSizes.vocabulary);
  CHECK(files.tensors.size() == test.tensors.size());
  CHECK(tensors_in(files.roles) == files.tensors.size());
  CHECK(tensors_in(files.dtypes) == files.tensors.size());
  REQUIRE(files.sites.size() == 3);
  CHECK(files.sites[0].site == "ffn");
  CHECK(files.sites[0].not_marked.empty());
  CHECK(files.sites[0].expected_z > 0);
  CHECK(files.skipped.empty());

  const Inspection memory = value(inspect(test.in_memory()));
  CHECK(memory.parameters == files.parameters);
  CHECK(memory.bytes == files.bytes);
  CHECK(memory.sites[0].expected_z == files.sites[0].expected_z);
  CHECK(memory.labels == files.labels);
}

TEST_CASE("tensors without a role are named, and a model without neurons is an error",
          "[library]") {
  Case test;
  Model memory = test.in_memory();
  std::vector<float> data(6);
  memory.tensors.push_back({"something.else", "F32", {2, 3}, data.data(), 24});
  const Inspection found = value(inspect(memory));
  CHECK(found.tensors.back().name == "something.else");
  CHECK(found.tensors.back().role == "unrecognised");
  CHECK(found.tensors.back().shape == std::vector<uint64_t>{2, 3});
  memory.tensors = {memory.tensors.back()};
  CHECK(inspect(memory).error().kind == ErrorKind::unsupported);
  CHECK(inspect({test.path("nothing")}).error().kind == ErrorKind::io);
}

TEST_CASE("a marked copy is derived, an unrelated model is not, and memory compares as files do",
          "[library]") {
  Case test;
  const Model original{test.path("model")};
  const EmbedOptions strong{.strength = 0.02, .shares = 1};
  static_cast<void>(value(embed(original, test.key, test.path("copy"), strong)));
  const Comparison files = value(compare({test.path("copy")}, original));
  CHECK(files.is_yes());
  CHECK_FALSE(files.tests.empty());
  CHECK_FALSE(files.families.empty());
  CHECK(files.parents.empty());
  static_cast<void>(value(embed_in_place(test.in_memory(), test.key, strong)));
  const Comparison memory = value(compare(test.in_memory(), original));
  REQUIRE(memory.tests.size() == files.tests.size());
  for (size_t i = 0; i < files.tests.size(); ++i) {
    CHECK(memory.tests[i].value == files.tests[i].value);
  }
  wmk::test::TinySizes sizes = test::kSizes;
  sizes.seed = 77;
  std::filesystem::create_directory(test.scratch / "other");
  wmk::test::write_tiny_model(test.scratch / "other", "llama", sizes);
  CHECK_FALSE(value(compare({test.path("other")}, original)).is_yes());
}

TEST_CASE("suspect and reference of a comparison may be adapters", "[library]") {
  Case test;
  const Model model{test.path("model")};
  // Rank 1, on the first up matrix; all values are 0.01.
  std::vector<StoredTensor> factors;
  for (const auto& [part, shape] :
       {std::pair<std::string, std::vector<uint64_t>>{"A", {1, 64}}, {"B", {900, 1}}}) {
    wmk::Bytes data;
    for (uint64_t i = 0; i < shape[0] * shape[1]; ++i) {
      const float value = 0.01f;
      const auto* bytes = reinterpret_cast<const std::byte*>(&value);
      data.insert(data.end(), bytes, bytes + sizeof(value));
    }
    factors.push_back({"base_model.model.model.layers.0.mlp.up_proj.lora_" + part + ".weight",
                       wmk::checkpoint::DType::f32, shape, std::move(data)});
  }
  std::filesystem::create_directory(test.scratch / "adapter");
  wmk::test::write_safetensors(test.scratch / "adapter" / "adapter_model.safetensors", factors);
  test.scratch.put("adapter/adapter_config.json",
                   R"({"peft_type": "LORA", "r": 1, "lora_alpha": 1})");
  const Model adapter{test.path("adapter"), test.path("model")};
  CHECK(value(compare(model, adapter)).is_yes());
  CHECK(value(compare(adapter, adapter)).is_yes());
  wmk::test::TinySizes sizes = test::kSizes;
  sizes.seed = 77;
  std::filesystem::create_directory(test.scratch / "other");
  wmk::test::write_tiny_model(test.scratch / "other", "llama", sizes);
  CHECK_FALSE(value(compare({test.path("other")}, adapter)).is_yes());
  CHECK_FALSE(compare(model, {test.path("adapter")}));
}

TEST_CASE("candidates are fitted in their order, and too many are an error", "[library]") {
  Case test;
  const Model model{test.path("model")};
  const Comparison found = value(compare(model, model, {.also = {model}}));
  REQUIRE(found.parents.size() == 2);
  CHECK(found.parents[0].path == model.path);
  CHECK(found.parents[0].alone == Approx(1));
  CompareOptions many;
  many.also.resize(16, model);
  CHECK(compare(model, model, many).error().kind == ErrorKind::invalid_argument);
  const Run stop{.threads = 2, .progress = [](const Progress&) { return false; }};
  CHECK(compare(model, model, {}, stop).error().kind == ErrorKind::cancelled);
}

TEST_CASE("a comparison is stopped at any call of its progress", "[library]") {
  Case test;
  const Model model{test.path("model")};
  size_t calls = 0;
  const Run counted{.threads = 2, .progress = [&](const Progress&) { return ++calls > 0; }};
  REQUIRE(compare(model, model, {}, counted));
  REQUIRE(calls > 16);  // at begin and end of each stage, whatever the time
  for (size_t last = 2; last <= 8; ++last) {
    size_t left = last;
    const Run stop{.threads = 2, .progress = [&](const Progress&) { return --left > 0; }};
    const auto stopped = compare(model, model, {}, stop);
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().kind == ErrorKind::cancelled);
    left = last;
    const Run broken{.threads = 2, .progress = [&](const Progress&) {
                       if (--left == 0) throw std::runtime_error("of the caller");
                       return true;
                     }};
    const auto failed = compare(model, model, {}, broken);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().message == "of the caller");
  }
}

}  // namespace weightmark
