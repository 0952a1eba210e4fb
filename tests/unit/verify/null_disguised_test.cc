// z of random keys in careful windows, of neurons and of heads, and in a carried frame of a real
// suspect without a mark.
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <numeric>

#include "base/parallel.h"
#include "base/text.h"
#include "checkpoint/attention/heads.h"
#include "embed/careful/careful_scan.h"
#include "embed/heads/careful_head_scan.h"
#include "embed/read/scan.h"
#include "embed/scheme/keys.h"
#include "tests/support/marking.h"
#include "tests/support/null_statistics.h"
#include "verify/carried.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;

constexpr size_t kKeys = 200, kAtOnce = 40;

std::vector<embed::StructureKey> random_keys(size_t first) {
  std::vector<embed::StructureKey> keys;
  for (size_t i = first; i < std::min(kKeys, first + kAtOnce); ++i) {
    keys.push_back({embed::share_key(test_key(cat("null ", i)), 0), embed::StructureRole::share});
  }
  return keys;
}

using Structures = std::vector<embed::Structure>;
using Make = std::function<Structures(std::vector<embed::StructureKey>)>;
// What each structure shows; several times if there are several windows.
using Read = std::function<std::vector<embed::ShareReading>(const Structures&)>;

void report_null(const char* where, const Make& make, const Read& read) {
  NullStatistics found[2];
  for (size_t first = 0; first < kKeys; first += kAtOnce) {
    for (const embed::ShareReading& each : read(make(random_keys(first)))) {
      for (const embed::TagRule rule : embed::kTagRules) {
        const auto at = static_cast<size_t>(rule);
        found[at].add(each.correlation[at].z());
      }
    }
  }
  if (found[0].count() == 0) return;
  for (const embed::TagRule rule : embed::kTagRules) {
    const NullStatistics& z = found[static_cast<size_t>(rule)];
    INFO(where << ": " << z.text());
    CHECK(z.deviation() > 0.8);
    CHECK(z.deviation() < 1.2);
    std::printf("null %s, %s tags, %s\n", where, std::string(to_string(rule)).c_str(),
                z.text().c_str());
  }
}

Subject whole(const MarkableModel& model) {
  return {&model.checkpoint, &model.anatomy, &model.vocabulary};
}

std::vector<unsigned> numbers_of(const Structures& structures) {
  std::vector<unsigned> out(structures.size());
  std::iota(out.begin(), out.end(), 0u);
  return out;
}

std::vector<embed::ShareReading> plain_shares(const MarkableModel& model,
                                              const Structures& structures) {
  const unsigned threads = default_threads();
  return embed::read_shares(numbers_of(structures), structures,
                            sketch_all(model, structures, threads), threads);
}

std::vector<embed::ShareReading> careful_shares(const MarkableModel& model,
                                                const Structures& structures) {
  embed::CarefulScan scan(model.checkpoint, model.anatomy, structures);
  must(scan.run(default_threads(), nullptr));
  std::vector<embed::ShareReading> out;
  for (const embed::Window& window : scan.windows()) {
    const auto read =
        embed::read_shares(numbers_of(structures), structures, window.sketches, default_threads());
    out.insert(out.end(), read.begin(), read.end());
  }
  return out;
}

std::vector<embed::ShareReading> careful_head_shares(const MarkableModel& model,
                                                     const Structures& structures) {
  embed::CarefulHeadScan scan(model.checkpoint, model.anatomy, structures);
  must(scan.run(1, default_threads(), nullptr));
  std::vector<embed::ShareReading> out;
  for (const embed::HeadWindow& window : scan.windows()) {
    const auto read = embed::read_head_shares(numbers_of(structures), structures, window.sketches,
                                              default_threads());
    out.insert(out.end(), read.begin(), read.end());
  }
  return out;
}

}  // namespace

// WMK_NULL_SUSPECT: a folder without a mark. WMK_NULL_RELEASE: a marked model that it was not made
// from; the suspect's neurons must be those of its original.
TEST_CASE("random keys in careful windows and a carried frame of a real suspect",
          "[real-null-disguised]") {
  const char* folder = std::getenv("WMK_NULL_SUSPECT");
  const char* marked = std::getenv("WMK_NULL_RELEASE");
  if (!folder) {
    std::puts("skip - random keys on a disguised model: WMK_NULL_SUSPECT names no folder");
    return;
  }
  MarkableModel suspect = open_model(folder);
  const auto config = must(checkpoint::read_config(suspect.checkpoint));
  suspect.anatomy.heads = must(checkpoint::find_heads(suspect.checkpoint, suspect.anatomy, config));
  const auto with = [&](auto read) {
    return [&suspect, read](const Structures& structures) { return read(suspect, structures); };
  };
  if (!marked) {
    const Make own = [&](std::vector<embed::StructureKey> keys) {
      return must(embed::make_structures(suspect.checkpoint, suspect.anatomy,
                                         suspect.vocabulary.strings, std::move(keys),
                                         default_threads(), nullptr));
    };
    report_null("in careful windows", own, with(careful_shares));
    report_null("in careful windows of heads", own, with(careful_head_shares));
    return;
  }
  const MarkableModel release = open_model(marked);
  CarriedFrames frames(whole(release), std::nullopt);
  const Make carried = [&](std::vector<embed::StructureKey> keys) {
    return must(frames.structures(whole(suspect), std::move(keys), {}, {default_threads()}));
  };
  report_null("in the carried frame", carried, with(plain_shares));
  report_null("in careful windows of the carried frame", carried, with(careful_shares));
  report_null("in careful windows of heads in the carried frame", carried,
              with(careful_head_shares));
}

}  // namespace wmk::verify
