// Zero points that are in the file and may not count.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint::zero_points_test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kVectors = WMK_SOURCE_DIR "/tests/vectors/quantised";

struct Read {
  std::vector<float> values;
  std::vector<std::string> variants;
};

// A vector of tests/vectors/quantised with another config.
Read read(const std::string& name, const std::string& settings, ZeroPoints zero_points) {
  test::Scratch scratch;
  fs::copy(fs::path(kVectors) / name / "model.safetensors", scratch / "model.safetensors");
  scratch.put("config.json", cat(R"({"quantization_config": )", settings, "}"));
  OpenOptions options;
  options.numbers.zero_points = zero_points;
  const auto checkpoint = Checkpoint::open(scratch.folder(), options);
  REQUIRE(checkpoint);
  Read out;
  for (const Tensor& tensor : checkpoint->tensors()) {
    if (!tensor.encoding) continue;
    out.values.resize(tensor.elements());
    REQUIRE(checkpoint->read(tensor, 0, std::as_writable_bytes(std::span(out.values))));
  }
  for (const auto& variant : numbers_variants(*checkpoint)) out.variants.push_back(variant.words);
  REQUIRE(!out.values.empty());
  return out;
}

std::string compressed(const std::string& weights, const std::string& target = "Linear") {
  return cat(
      R"({"quant_method": "compressed-tensors", "config_groups": {"group_0": {"targets": [")",
      target, R"("], "weights": )", weights, "}}}");
}

}  // namespace

TEST_CASE("zero points count unless the config says symmetric", "[checkpoint][quantised]") {
  const std::string name = "compressed-4bit-zeros";
  const auto used = read(name, compressed(R"({"symmetric": false})"), ZeroPoints::configured);
  const auto unused = read(name, compressed(R"({"symmetric": true})"), ZeroPoints::configured);
  CHECK(used.values != unused.values);
  CHECK(used.variants == std::vector<std::string>{"quantisation settings of config.json ignored",
                                                  "zero points ignored"});
  CHECK(unused.variants[1] == "zero points used wherever the file has them");
  // The library takes "symmetric" for true where it is missing; without a group there is no word.
  CHECK(read(name, compressed("{}"), ZeroPoints::configured).values == unused.values);
  CHECK(read(name, "{}", ZeroPoints::configured).values == used.values);
  CHECK(read(name, compressed("{}", "other"), ZeroPoints::configured).values == used.values);
  CHECK(read(name, compressed("{}"), ZeroPoints::used).values == used.values);
  CHECK(read(name, "{}", ZeroPoints::ignored).values == unused.values);
}

TEST_CASE("GPTQ without zero points is symmetric", "[checkpoint][quantised]") {
  for (const char* name : {"gptq-4bit", "awq"}) {
    const auto used = read(name, "{}", ZeroPoints::configured);
    const auto unused = read(name, "{}", ZeroPoints::ignored);
    CHECK(used.values != unused.values);
    CHECK(used.variants[1] == "zero points ignored");
    // Codes from -8 to 7 about zero: values of both signs.
    CHECK(*std::min_element(unused.values.begin(), unused.values.end()) < 0);
    CHECK(*std::max_element(unused.values.begin(), unused.values.end()) > 0);
  }
}

}  // namespace wmk::checkpoint::zero_points_test
