// The null hypothesis under carried labels (specs/output.md 7), on rows of a real head that is
// marked with each of many keys in turn; run by tests/real/test_null.py.
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"
#include "checkpoint/write/copy.h"
#include "embed/output/row_match.h"
#include "tests/support/marking.h"
#include "tests/support/null_statistics.h"
#include "tests/support/output_case.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

constexpr size_t kMatchKeys = 200, kRealRows = 4096, kRealPairs = 8;

struct RealRows {
  Scratch scratch;
  size_t width = 0;
  std::vector<float> values;
  std::vector<std::string> labels;

  explicit RealRows(const MarkableModel& model) : width(model.anatomy.width) {
    const auto head = must(find_output_head(model.checkpoint, model.anatomy));
    const auto all = values_of(model.checkpoint, head.tensor);
    for (size_t i = 0; i < kRealRows; ++i) {
      const float* row = &all[i * head.rows / kRealRows * width];
      values.insert(values.end(), row, row + width);
      labels.push_back(cat("t", i));
    }
  }

  // The rows, marked and rounded at random as `embed` does.
  HeadFile marked(const HeadFile& plain, const crypto::SecretBytes& key) const {
    std::vector<OutputMark> marks;
    marks.push_back({output_signs(key, labels, 2), output_directions(key, kRealPairs, width)});
    const auto copy =
        must(checkpoint::CheckpointCopy::begin(plain.checkpoint, scratch / "m.safetensors", true));
    const OutputMarking how{plain.head, kRealPairs, output_energy(1), key, 2, nullptr};
    (void)must(write_output(plain.checkpoint, marks, how, copy));
    return {must(copy.open_written()), plain.head};
  }
};

}  // namespace

TEST_CASE("z under carried labels keeps to its bound on rows of a real head", "[real-null]") {
  const char* folder = std::getenv("WMK_REAL_MODEL");
  if (!folder) {
    std::puts("skip - carried labels of a real head: WMK_REAL_MODEL names no model's folder");
    return;
  }
  const RealRows rows(open_model(folder));
  const auto bf16 = checkpoint::DType::bf16;
  const HeadFile plain = head_file(rows.scratch / "p.safetensors", rows.values, kRealRows, bf16);
  // A copy of the unmarked rows in the opposite order; noise leaves a part of them unmatched.
  std::vector<float> moved = normal_numbers(1, rows.values.size());
  for (size_t i = 0; i < moved.size(); ++i) {
    const size_t row = kRealRows - 1 - i / rows.width;
    moved[i] = rows.values[row * rows.width + i % rows.width] + 0.1f * moved[i];
  }
  const HeadFile twin = head_file(rows.scratch / "t.safetensors", moved, kRealRows);
  NullStatistics null;
  uint64_t matched = 0, open = 0;
  const size_t count = null_keys(kMatchKeys);
  for (size_t i = 0; i < count; ++i) {
    std::vector<crypto::SecretBytes> keys;
    keys.push_back(test_key(cat("null", i)));
    const HeadFile release = rows.marked(plain, keys[0]);
    const auto found = must(match_rows(
        twin.checkpoint, twin.head,
        {release.checkpoint, release.head, output_directions(keys[0], kRealPairs, rows.width)},
        nullptr, 2, nullptr));
    matched += found.matched;
    open += found.open;
    std::vector<std::string> labels(kRealRows);
    std::vector<uint8_t> used(kRealRows);
    for (size_t row = 0; row < kRealRows; ++row) {
      if (found.row[row] == RowMatch::kNone) continue;
      labels[row] = rows.labels[found.row[row]];
      used[row] = 1;
    }
    OutputCarriers carriers = carriers_of(keys, labels, kRealPairs);
    carriers.used = used;
    null.add(must(read_output_weights(twin.checkpoint, twin.head, carriers, 2, nullptr))
                 .total(kRealPairs)
                 .z());
  }
  std::printf("null under carried labels, %.0f rows matched, %.0f open, %s\n",
              static_cast<double>(matched) / static_cast<double>(count),
              static_cast<double>(open) / static_cast<double>(count), null.text().c_str());
  CHECK(matched > count * kRealRows / 10);
  CHECK(matched < count * kRealRows * 9 / 10);
  CHECK(std::abs(null.deviation() - 1) < null.allowed_deviation());
  for (const double t : {2.0, 3.0}) {
    CHECK(static_cast<double>(null.at_least(t)) <= null.allowed_at_least(t));
  }
}

}  // namespace wmk::embed
