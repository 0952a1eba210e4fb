// z of many random keys on unmarked models, against the theorem that bounds it.
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>

#include "base/parallel.h"
#include "base/text.h"
#include "embed/read/scan.h"
#include "embed/scheme/keys.h"
#include "tests/support/marking.h"
#include "tests/support/null_statistics.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;
using embed::TagRule;

struct Null {
  NullStatistics hard, soft;
  NullStatistics& of(TagRule rule) { return rule == TagRule::hard ? hard : soft; }
};

// Structures of `count` keys with which nothing was marked.
std::vector<embed::Structure> random_structures(const MarkableModel& model, size_t first,
                                                size_t count, unsigned threads) {
  std::vector<embed::StructureKey> keys;
  for (size_t i = first; i < first + count; ++i) {
    keys.push_back({embed::share_key(test_key(cat("null ", i)), 0), embed::StructureRole::share});
  }
  return must(embed::make_structures(model.checkpoint, model.anatomy, model.vocabulary.strings,
                                     std::move(keys), threads, nullptr));
}

// z of `key_count` keys, `at_once` in one scan. It ends at the first analysis that covers `part`
// of the weights.
void read_null(const MarkableModel& model, size_t key_count, size_t at_once, double part,
               unsigned threads, Null& null) {
  const auto order = embed::scan_order(model.checkpoint, model.anatomy);
  const double total = static_cast<double>(model.anatomy.weight_count());
  for (size_t first = 0; first < key_count; first += at_once) {
    const size_t count = std::min(at_once, key_count - first);
    const auto structures = random_structures(model, first, count, threads);
    embed::Scan scan(model.checkpoint, model.anatomy, structures, order, part < 1);
    while (!scan.done() && static_cast<double>(scan.sketches().weights) < part * total) {
      must(scan.advance(threads, nullptr));
    }
    std::vector<std::array<double, 2>> z(count);
    must(parallel_for(count, threads, [&](size_t i, unsigned) -> Status {
      for (TagRule rule : embed::kTagRules) {
        z[i][static_cast<size_t>(rule)] = z_of(structures[i], scan.sketches(), i, rule);
      }
      return {};
    }));
    for (const auto& each : z) {
      for (TagRule rule : embed::kTagRules) null.of(rule).add(each[static_cast<size_t>(rule)]);
    }
  }
}

void check_null(Null& null) {
  for (TagRule rule : embed::kTagRules) {
    const NullStatistics& values = null.of(rule);
    INFO(to_string(rule) << " tags, " << values.text());
    CHECK(values.deviation() > 0.93);
    CHECK(values.deviation() < 1.07);
    for (double t : {1.0, 2.0, 3.0, 4.0}) {
      CHECK(static_cast<double>(values.at_least(t)) <= values.allowed_at_least(t));
    }
  }
}

}  // namespace

TEST_CASE("10,000 random keys on an unmarked model keep to Hoeffding's bound", "[verify][null]") {
  Scratch scratch;
  write_tiny_model(scratch.folder(), "llama",
                   {.width = 32, .vocabulary = 600, .layers = 2, .units = 200, .seed = 2});
  const MarkableModel model = open_model(scratch.folder());
  Null null;
  read_null(model, 10'000, 50, 1, 1, null);
  REQUIRE(null.hard.count() == 10'000);
  check_null(null);
}

TEST_CASE("random keys on a model marked with another key keep to Hoeffding's bound",
          "[verify][null]") {
  Scratch scratch;
  std::filesystem::create_directory(scratch / "plain");
  write_tiny_model(scratch / "plain", "llama",
                   {.width = 32, .vocabulary = 600, .layers = 2, .units = 800, .seed = 2});
  mark(open_model(scratch / "plain"), test_key("owner"), scratch / "marked");
  const MarkableModel model = open_model(scratch / "marked");
  REQUIRE(report::is_yes(detect(model, test_key("owner"), {.shares = 1}).level));
  Null null;
  read_null(model, 1000, 50, 1, 1, null);
  check_null(null);
}

TEST_CASE("random keys on a real unmarked model keep to Hoeffding's bound", "[real-null]") {
  const char* folder = std::getenv("WMK_REAL_MODEL");
  if (!folder) {
    std::puts("skip - random keys on a real model: WMK_REAL_MODEL names no model's folder");
    return;
  }
  const MarkableModel model = open_model(folder);
  // A few keys at a time, so that the sums of their frames stay in the nearest cache.
  const bool all = std::getenv("WMK_NULL_ALL");
  Null null;
  all ? read_null(model, 200, 40, 1, default_threads(), null)
      : read_null(model, 2000, 10, 1.0 / 16, default_threads(), null);
  check_null(null);
  for (TagRule rule : embed::kTagRules) {
    std::printf("null on %s of the weights, %s tags, %s\n", all ? "all" : "a sixteenth",
                std::string(to_string(rule)).c_str(), null.of(rule).text().c_str());
  }
}

}  // namespace wmk::verify
