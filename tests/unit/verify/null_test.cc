// z of many random keys on unmarked models, against the theorem that bounds it.
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include "base/parallel.h"
#include "base/text.h"
#include "checkpoint/attention/heads.h"
#include "embed/read/head_scan.h"
#include "embed/read/scan.h"
#include "embed/scheme/keys.h"
#include "tests/support/marking.h"
#include "tests/support/null_statistics.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"
#include "verify/site_reading.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;
using embed::TagRule;

// One statistic: a site, or all of them together.
struct NullOf {
  SiteChoice site;
  TagRule tags;
  NullStatistics z = {};
};
using Null = std::vector<NullOf>;

// What each key reads.
struct NullPlan {
  size_t keys = 0, at_once = 50;
  double ffn = 1, heads = 0;  // the part of the weights
  unsigned threads = 1;
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

// The sites of a model, with one share for each of the structures.
std::vector<SiteReading> read_sites(const MarkableModel& model,
                                    const std::vector<embed::Structure>& structures,
                                    const NullPlan& plan) {
  std::vector<unsigned> numbers(structures.size());
  std::iota(numbers.begin(), numbers.end(), 0u);
  const auto order = embed::scan_order(model.checkpoint, model.anatomy);
  const std::vector<double> ends = {plan.ffn, 1};
  embed::Scan scan(model.checkpoint, model.anatomy, structures, order,
                   embed::analysis_ends(order, ends), false);
  must(scan.advance(plan.threads, nullptr));
  const auto ffn = embed::read_shares(numbers, structures, scan.sketches(), plan.threads);
  std::vector<SiteReading> out = {ffn_reading(model.anatomy, ffn, scan.sketches())};
  if (plan.heads == 0) return out;
  embed::HeadScan heads(model.checkpoint, model.anatomy, structures);
  must(heads.advance(plan.heads, plan.threads, nullptr));
  const auto shares = read_head_shares(numbers, structures, heads.sketches(), plan.threads);
  out.push_back(head_reading(model.anatomy, shares, heads.sketches()));
  return out;
}

Null read_null(const MarkableModel& model, const NullPlan& plan) {
  const crypto::SecretBytes master = test_key("null");
  const DetectPlan sites_plan =
      must(plan_detection(model.anatomy, {.master = &master, .shares = 1}));
  Null out;
  for (size_t first = 0; first < plan.keys; first += plan.at_once) {
    const size_t count = std::min(plan.at_once, plan.keys - first);
    const auto structures = random_structures(model, first, count, plan.threads);
    const auto read = read_sites(model, structures, plan);
    for (size_t i = 0; i < count; ++i) {
      std::vector<SiteReading> sites = read;
      for (SiteReading& site : sites) site.shares = {site.shares[i]};
      const auto scores = scores_of(sites_plan, sites, 1, 1);
      for (size_t k = 0; k < scores.size(); ++k) {
        if (out.size() <= k) out.push_back({scores[k].site, scores[k].tags});
        out[k].z.add(scores[k].z);
      }
    }
  }
  return out;
}

void check_null(const Null& null) {
  for (const NullOf& each : null) {
    INFO(to_string(each.site) << ", " << to_string(each.tags) << " tags, " << each.z.text());
    CHECK(each.z.deviation() > 0.93);
    CHECK(each.z.deviation() < 1.07);
    for (double t : {1.0, 2.0, 3.0, 4.0}) {
      CHECK(static_cast<double>(each.z.at_least(t)) <= each.z.allowed_at_least(t));
    }
  }
}

}  // namespace

TEST_CASE("10,000 random keys on an unmarked model keep to Hoeffding's bound", "[verify][null]") {
  Scratch scratch;
  write_tiny_model(scratch.folder(), "llama",
                   {.width = 32, .vocabulary = 600, .layers = 2, .units = 200, .seed = 2});
  const MarkableModel model = open_model(scratch.folder());
  const Null null = read_null(model, {.keys = 10'000});
  REQUIRE(null.front().z.count() == 10'000);
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
  check_null(read_null(model, {.keys = 1000}));
}

TEST_CASE("random keys on a real unmarked model keep to Hoeffding's bound", "[real-null]") {
  const char* folder = std::getenv("WMK_REAL_MODEL");
  if (!folder) {
    std::puts("skip - random keys on a real model: WMK_REAL_MODEL names no model's folder");
    return;
  }
  MarkableModel model = open_model(folder);
  const auto config = must(checkpoint::read_config(model.checkpoint));
  model.anatomy.heads = must(checkpoint::find_heads(model.checkpoint, model.anatomy, config));
  // A few keys at a time, so that the sums of their frames stay in the nearest cache.
  const bool all = std::getenv("WMK_NULL_ALL");
  const unsigned threads = default_threads();
  const Null null = all ? read_null(model, {null_keys(200), 40, 1, 1, threads})
                        : read_null(model, {null_keys(2000), 10, 1.0 / 16, 1.0 / 4, threads});
  check_null(null);
  for (const NullOf& each : null) {
    std::printf("null on %s of %s of the weights, %s tags, %s\n",
                std::string(to_string(each.site)).c_str(), all ? "all" : "a part",
                std::string(to_string(each.tags)).c_str(), each.z.text().c_str());
  }
}

}  // namespace wmk::verify
