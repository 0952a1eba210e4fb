// Weights that compressed-tensors rotated, turned back (tests/vectors/make_transform_vectors.py).
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <thread>

#include "checkpoint/checkpoint.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint::transforms_test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = WMK_SOURCE_DIR "/tests/vectors/transforms";

std::vector<float> values_of(const Checkpoint& checkpoint, const Tensor& tensor) {
  std::vector<float> values(tensor.elements());
  REQUIRE(checkpoint.read(tensor, 0, std::as_writable_bytes(std::span(values))));
  return values;
}

// The largest difference to "expected.MODULE", as a part of the largest weight.
float error_of(const Checkpoint& checkpoint, const std::string& module) {
  const Tensor* tensor = checkpoint.find(module + ".weight");
  const Tensor* expected = checkpoint.find("expected." + module);
  REQUIRE((tensor != nullptr && expected != nullptr));
  const auto values = values_of(checkpoint, *tensor), wanted = values_of(checkpoint, *expected);
  float error = 0, largest = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    error = std::max(error, std::fabs(values[i] - wanted[i]));
    largest = std::max(largest, std::fabs(wanted[i]));
  }
  return error / largest;
}

Checkpoint opened(const fs::path& folder, const OpenOptions& options = {}) {
  auto checkpoint = Checkpoint::open(folder, options);
  INFO((checkpoint ? "" : checkpoint.error().message()));
  REQUIRE(checkpoint);
  return *std::move(checkpoint);
}

// A safetensors file of floats.
std::string file_of(const std::string& header, const std::vector<float>& values) {
  std::string size(8, 0);
  for (size_t i = 0; i < 2; ++i) size[i] = static_cast<char>(header.size() >> (8 * i));
  const auto view = std::as_bytes(std::span(values));
  return size + header + std::string(reinterpret_cast<const char*>(view.data()), view.size());
}

const std::vector<std::string> kModules = {"layers.0.mlp.gate_proj",
                                           "layers.0.mlp.up_proj",
                                           "layers.0.mlp.down_proj",
                                           "layers.1.mlp.gate_proj",
                                           "layers.1.mlp.up_proj",
                                           "layers.1.mlp.down_proj",
                                           "lm_head"};

}  // namespace

TEST_CASE("weights that compressed-tensors rotated are turned back", "[checkpoint][transforms]") {
  size_t count = 0;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    CAPTURE(entry.path().filename().string());
    const Checkpoint checkpoint = opened(entry.path());
    CHECK(checkpoint.notes().empty());
    CHECK(checkpoint.quantisation().find("rotations undone") == 0);
    for (const std::string& module : kModules) CHECK(error_of(checkpoint, module) < 2e-5f);
    ++count;
  }
  CHECK(count == 7);
}

TEST_CASE("without the config, or if asked, rotated weights stay as they are",
          "[checkpoint][transforms]") {
  const fs::path folder = fs::path(kFolder) / "spinquant-r4";
  OpenOptions options;
  options.numbers.undo_transforms = false;
  CHECK(error_of(opened(folder, options), kModules[2]) > 0.1f);
  CHECK(error_of(opened(folder, options), kModules[1]) < 1e-6f);
  options = {};
  options.numbers.without_config = true;
  CHECK(error_of(opened(folder, options), kModules[2]) > 0.1f);
  const auto variants = numbers_variants(opened(folder));
  REQUIRE(variants.size() == 2);
  CHECK(variants[1].words == "rotations of transform_config not undone");
  CHECK_FALSE(variants[1].numbers.undo_transforms);
}

TEST_CASE("a matrix of Sylvester needs no tensor, another one that is missing is noted",
          "[checkpoint][transforms]") {
  for (const char* name : {"spinquant-r4", "spinquant-r4-random"}) {
    test::Scratch scratch;
    const fs::path source = fs::path(kFolder) / name;
    auto read = read_text(source / "model.safetensors", 1 << 20);
    REQUIRE(read);
    std::string text = *std::move(read);
    // The matrix gets the name of a tensor that nothing reads.
    const size_t at = text.find("down_proj.R4_input");
    REQUIRE(at != std::string::npos);
    text.replace(at, 18, "down_proj.XX_input");
    scratch.put("model.safetensors", text);
    fs::copy(source / "config.json", scratch / "config.json");
    const Checkpoint checkpoint = opened(scratch.folder());
    if (std::string_view(name) == "spinquant-r4") {
      CHECK(error_of(checkpoint, kModules[2]) < 2e-5f);
      continue;
    }
    REQUIRE(checkpoint.notes().size() == 1);
    CHECK(
        checkpoint.notes()[0] ==
        "transform_config: the matrix 'R4' of size 56 is not in the file: 2 modules stay rotated");
  }
}

TEST_CASE("parts of a rotated matrix are those of the whole, in any thread",
          "[checkpoint][transforms]") {
  const Checkpoint checkpoint = opened(fs::path(kFolder) / "quip-random-hadamard");
  const Tensor& tensor = *checkpoint.find("layers.1.mlp.up_proj.weight");
  const auto whole = values_of(checkpoint, tensor);
  const Checkpoint again = opened(fs::path(kFolder) / "quip-random-hadamard");
  const Tensor& other = *again.find("layers.1.mlp.up_proj.weight");
  std::vector<std::vector<float>> parts(4, std::vector<float>(10 * 5));
  std::vector<std::thread> threads;
  for (uint64_t i = 0; i < parts.size(); ++i) {
    threads.emplace_back([&, i] {
      const Rectangle part{10 * i, 10, 3 * i, 5};
      if (!again.decode(other, part, parts[i])) parts[i].clear();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (uint64_t i = 0; i < parts.size(); ++i) {
    REQUIRE(parts[i].size() == 50);
    for (uint64_t r = 0; r < 10; ++r) {
      for (uint64_t c = 0; c < 5; ++c) {
        CHECK(parts[i][r * 5 + c] == whole[(10 * i + r) * 24 + 3 * i + c]);
      }
    }
  }
}

TEST_CASE("numbers that multiply the inputs of a module are its columns",
          "[checkpoint][transforms]") {
  test::Scratch scratch;
  scratch.put("model.safetensors",
              file_of(R"({"a.down_proj.weight": {"dtype": "F32", "shape": [2, 2],)"
                      R"("data_offsets": [0, 16]}, "a.down_proj.pre_quant_scale":)"
                      R"({"dtype": "F32", "shape": [2], "data_offsets": [16, 24]}})",
                      {1, 2, 3, 4, 10, 0.5f}));
  const Checkpoint checkpoint = opened(scratch.folder());
  CHECK(checkpoint.quantisation() == "inputs scaled (1 tensor)");
  CHECK(values_of(checkpoint, *checkpoint.find("a.down_proj.weight")) ==
        std::vector<float>{10, 1, 30, 2});
}

TEST_CASE("the worked example of a rotation", "[checkpoint][transforms]") {
  const float half = std::sqrt(0.5f);
  const std::string header =
      R"({"a.down_proj.weight": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]},)"
      R"("a.down_proj.R4_input.weight": {"dtype": "F32", "shape": [2, 2],)"
      R"("data_offsets": [8, 24]}})";
  test::Scratch scratch;
  scratch.put("model.safetensors", file_of(header, {half, half, 1, 1, 1, -1}));
  scratch.put("config.json", R"({"quantization_config": {"transform_config": {"config_groups": {
      "R4": {"type": "hadamard",
             "apply": [{"targets": ["re:.*down_proj"], "location": "input"}]}}}}})");
  const Checkpoint checkpoint = opened(scratch.folder());
  CHECK(checkpoint.tensors().size() == 1);
  CHECK(checkpoint.stored_tensors().size() == 2);
  const auto values = values_of(checkpoint, checkpoint.tensors()[0]);
  CHECK(values[0] == Approx(1));
  CHECK(std::fabs(values[1]) < 1e-6f);
}

}  // namespace wmk::checkpoint::transforms_test
