// Which columns of a head the mark leaves out.
#include "embed/output/outlier_columns.h"

#include "base/text.h"
#include "embed/scheme/keys.h"
#include "tests/support/marking.h"
#include "tests/support/output_case.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

constexpr size_t kHeadWidth = 70;
constexpr size_t kHeadRows = 900;

// Rows of deviation 1 that vary by a tenth of that in columns 5 and 33, about `mean` there.
std::vector<float> head_with_outliers(float mean, size_t rows = kHeadRows,
                                      size_t width = kHeadWidth) {
  std::vector<float> out = normal_numbers(1, rows * width);
  for (size_t row = 0; row < rows; ++row) {
    for (const size_t column : {5u, 33u}) {
      float& value = out[row * width + column];
      value = .1f * value + mean;
    }
  }
  return out;
}

std::vector<size_t> outliers_of(const std::vector<float>& values, unsigned threads = 1,
                                size_t width = kHeadWidth,
                                checkpoint::DType dtype = checkpoint::DType::f32) {
  const Scratch scratch;
  const HeadFile file =
      head_file(scratch / "head.safetensors", values, values.size() / width, dtype);
  const auto flags = must(outlier_columns(HeadRows(file.checkpoint, file.head), threads)).flags;
  std::vector<size_t> out;
  for (size_t i = 0; i < flags.size(); ++i) {
    if (flags[i] != 0) out.push_back(i);
  }
  return out;
}

}  // namespace

TEST_CASE("outlier columns are those along which the rows vary least", "[output]") {
  const std::vector<size_t> both = {5, 33};
  CHECK(outliers_of(head_with_outliers(0)) == both);
  CHECK(outliers_of(head_with_outliers(3)) == both);  // rows are centred
  CHECK(outliers_of(head_with_outliers(3), 3) == both);
}

TEST_CASE("a head in bf16 is multiplied as it is stored", "[output]") {
  constexpr size_t kWhole = 64;  // fills tiles
  const std::vector<size_t> both = {5, 33};
  for (const float mean : {0.0f, 3.0f}) {
    const std::vector<float> values = head_with_outliers(mean, kHeadRows, kWhole);
    CHECK(outliers_of(values, 1, kWhole, checkpoint::DType::bf16) == both);
    CHECK(outliers_of(values, 3, kWhole, checkpoint::DType::bf16) == both);
    CHECK(outliers_of(values, 1, kWhole) == both);
  }
}

TEST_CASE("a head of few rows has no outlier columns", "[output]") {
  CHECK(outliers_of(head_with_outliers(0, 2 * kHeadWidth)).size() == kHeadWidth / 32);
  CHECK(outliers_of(head_with_outliers(0, 2 * kHeadWidth - 1)).empty());
  CHECK(outliers_of(std::vector<float>(kHeadRows * kHeadWidth, 1.0f)).empty());
}

TEST_CASE("the mark of an output head keeps outlier columns as they are", "[output]") {
  std::vector<std::string> labels(kHeadRows);
  for (size_t row = 0; row < kHeadRows; ++row) labels[row] = cat("token ", row);
  std::vector<crypto::SecretBytes> keys;
  keys.push_back(share_key(test_key("outlier columns"), 0));
  const std::vector<float> before = head_with_outliers(1);
  const std::vector<float> after = marked_head(keys, labels, before, 8, .2);
  for (size_t i = 0; i < before.size(); ++i) {
    const bool outlier = i % kHeadWidth == 5 || i % kHeadWidth == 33;
    if ((before[i] == after[i]) == outlier) continue;
    CAPTURE(i, before[i], after[i]);
    FAIL();
  }
  CHECK(head_z(after, carriers_of(keys, labels, 8)) > 8);
}

}  // namespace wmk::embed
