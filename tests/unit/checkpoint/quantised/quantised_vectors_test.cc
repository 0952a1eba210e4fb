// Quantised matrices, compared with the values given by other libraries
// (tests/vectors/make_quantised_vectors.py, make_library_vectors.py).
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "base/text.h"
#include "checkpoint/checkpoint.h"

using namespace wmk;
using namespace wmk::checkpoint;

namespace {

std::vector<std::filesystem::path> cases(const std::filesystem::path& folder = WMK_SOURCE_DIR
                                         "/tests/vectors/quantised") {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

struct Case {
  Checkpoint checkpoint;
  const Tensor* quantised;
  std::vector<float> expected;
};

// "expected", or "expected.weight" in a file of modules.
const Tensor* expected_in(const Checkpoint& checkpoint) {
  const Tensor* found = checkpoint.find("expected");
  if (found == nullptr) found = checkpoint.find("expected.weight");
  REQUIRE(found);
  return found;
}

Case open_case(const std::filesystem::path& folder) {
  auto checkpoint = Checkpoint::open(folder);
  INFO((checkpoint ? "" : checkpoint.error().message()));
  REQUIRE(checkpoint);
  for (const auto& [name, reason] : checkpoint->refusals()) FAIL(reason.message());
  const Tensor* expected = expected_in(*checkpoint);
  std::vector<float> values(expected->elements());
  REQUIRE(checkpoint->read(*expected, 0, std::as_writable_bytes(std::span(values))));
  Case out{*std::move(checkpoint), nullptr, std::move(values)};
  for (const Tensor& tensor : out.checkpoint.tensors()) {
    if (tensor.encoding) out.quantised = &tensor;
  }
  REQUIRE(out.quantised);
  CHECK(out.checkpoint.tensors().size() == 2);
  CHECK(out.quantised->shape == expected_in(out.checkpoint)->shape);
  return out;
}

bool same_bits(float a, float b) {
  return std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b);
}

void check_values(const std::filesystem::path& folder) {
  CAPTURE(folder.filename().string());
  const Case each = open_case(folder);
  std::vector<float> values(each.expected.size());
  auto status = each.checkpoint.read(*each.quantised, 0, std::as_writable_bytes(std::span(values)));
  INFO((status ? "" : status.error().message()));
  REQUIRE(status);
  const auto wrong = std::mismatch(values.begin(), values.end(), each.expected.begin(), same_bits);
  if (wrong.first != values.end()) {
    FAIL("element " << wrong.first - values.begin() << " is " << *wrong.first << ", not "
                    << *wrong.second);
  }
}

}  // namespace

TEST_CASE("every quantised vector is decoded bit for bit") {
  REQUIRE(cases().size() == 79);
  for (const auto& folder : cases()) check_values(folder);
}

// For tests/interop/quantised_differential.py.
TEST_CASE("the folders of WMK_QUANTISED hold the values that they expect", "[.]") {
  const char* folder = std::getenv("WMK_QUANTISED");
  REQUIRE(folder != nullptr);
  REQUIRE(!cases(folder).empty());
  for (const auto& each : cases(folder)) check_values(each);
}

TEST_CASE("any rectangle of a quantised tensor has the values of the whole") {
  std::mt19937_64 random(5);
  const auto below = [&](uint64_t end) { return random() % end; };
  for (const auto& folder : cases()) {
    CAPTURE(folder.filename().string());
    const Case each = open_case(folder);
    const uint64_t columns = each.quantised->shape.back();
    const uint64_t rows = each.expected.size() / columns;
    for (int i = 0; i < 40; ++i) {
      Rectangle part{below(rows), 0, below(columns), 0};
      part.rows = 1 + below(rows - part.first_row);
      part.columns = 1 + below(columns - part.first_column);
      CAPTURE(part.first_row, part.rows, part.first_column, part.columns);
      std::vector<float> values(part.rows * part.columns);
      REQUIRE(each.checkpoint.decode(*each.quantised, part, values));
      bool same = true;
      for (uint64_t v = 0; v < values.size(); ++v) {
        const uint64_t row = part.first_row + v / part.columns;
        const uint64_t column = part.first_column + v % part.columns;
        same = same && same_bits(values[v], each.expected[row * columns + column]);
      }
      REQUIRE(same);
    }
  }
}

TEST_CASE("a quantised checkpoint names its encoding and keeps its stored tensors") {
  const Case each =
      open_case(std::filesystem::path(WMK_SOURCE_DIR) / "tests/vectors/quantised/gptq-4bit");
  CHECK(each.checkpoint.quantisation() == "GPTQ 4 bit, group 32 (1 tensor)");
  CHECK(each.quantised->name == "layer.weight");
  uint64_t bytes = 0;
  for (const Tensor& tensor : each.checkpoint.stored_tensors()) {
    if (tensor.name != "expected") bytes += tensor.bytes;
  }
  CHECK(each.checkpoint.stored_tensors().size() == 5);
  CHECK(each.quantised->stored_bytes() == bytes);
}
