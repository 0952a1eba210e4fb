// The null hypothesis on the output head of a real model that carries no mark; run by
// tests/real/test_null.py.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"
#include "tests/support/marking.h"
#include "tests/support/null_statistics.h"
#include "tests/support/output_case.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

constexpr size_t kKeys = 200, kAtOnce = 200, kSpareRows = 256;

// Many keys in one pass: each is a share of its own.
NullStatistics null_of(const MarkableModel& model, const OutputHead& head,
                       const std::vector<std::string>& labels) {
  NullStatistics out;
  const size_t count = null_keys(kKeys);
  for (size_t first = 0; first < count; first += kAtOnce) {
    std::vector<crypto::SecretBytes> keys;
    for (size_t i = first; i < std::min(count, first + kAtOnce); ++i) {
      keys.push_back(test_key(cat("null", i)));
    }
    const OutputCarriers carriers = carriers_of(keys, labels, kOutputPairsMin);
    const auto read = must(read_output_weights(model.checkpoint, head, carriers, 2, nullptr));
    for (size_t i = 0; i < keys.size(); ++i) out.add(read.total(kOutputPairsMin, i, i + 1).z());
  }
  return out;
}

}  // namespace

TEST_CASE("random keys on the output head of a real model keep to Hoeffding's bound",
          "[real-null]") {
  const char* folder = std::getenv("WMK_REAL_MODEL");
  if (!folder) {
    std::puts("skip - random keys on a real output head: WMK_REAL_MODEL names no model's folder");
    return;
  }
  const auto model = open_model(folder);
  const auto head = must(find_output_head(model.checkpoint, model.anatomy));
  auto labels = head_labels(model.vocabulary.strings, head.rows);
  for (const bool spare : {false, true}) {
    // Rows that training hardly touched, all of one label.
    for (size_t i = 0; spare && i < kSpareRows; ++i) labels[labels.size() - 1 - i] = "<spare>";
    const NullStatistics null = null_of(model, head, labels);
    std::printf("null on the output head%s, %s\n", spare ? ", 256 rows of one label" : "",
                null.text().c_str());
    CHECK(std::abs(null.deviation() - 1) < null.allowed_deviation());
    for (const double t : {2.0, 3.0}) {
      CHECK(static_cast<double>(null.at_least(t)) <= null.allowed_at_least(t));
    }
  }
}

}  // namespace wmk::embed
