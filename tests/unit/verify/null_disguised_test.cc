// z of random keys in careful windows and in a carried frame of a real suspect without a mark.
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "base/parallel.h"
#include "base/text.h"
#include "embed/read/careful_scan.h"
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

// Sketches of these structures; several if there are several windows.
using Read = std::function<std::vector<embed::SketchSet>(const std::vector<embed::Structure>&)>;
using Make = std::function<std::vector<embed::Structure>(std::vector<embed::StructureKey>)>;

void report_null(const char* where, const Make& make, const Read& read) {
  NullStatistics found[2];
  for (size_t first = 0; first < kKeys; first += kAtOnce) {
    const auto structures = make(random_keys(first));
    for (const embed::SketchSet& sketches : read(structures)) {
      for (size_t i = 0; i < structures.size(); ++i) {
        for (const embed::TagRule rule : embed::kTagRules) {
          found[static_cast<size_t>(rule)].add(z_of(structures[i], sketches, i, rule));
        }
      }
    }
  }
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

std::vector<embed::SketchSet> plain_sketches(const MarkableModel& model,
                                             const std::vector<embed::Structure>& structures) {
  return {sketch_all(model, structures, default_threads())};
}

std::vector<embed::SketchSet> careful_sketches(const MarkableModel& model,
                                               const std::vector<embed::Structure>& structures) {
  embed::CarefulScan scan(model.checkpoint, model.anatomy, structures);
  must(scan.run(default_threads(), nullptr));
  std::vector<embed::SketchSet> out;
  for (const embed::Window& window : scan.windows()) out.push_back(window.sketches);
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
  const MarkableModel suspect = open_model(folder);
  if (!marked) {
    const Make own = [&](std::vector<embed::StructureKey> keys) {
      return must(embed::make_structures(suspect.checkpoint, suspect.anatomy,
                                         suspect.vocabulary.strings, std::move(keys),
                                         default_threads(), nullptr));
    };
    report_null("in careful windows", own, [&](const std::vector<embed::Structure>& structures) {
      return careful_sketches(suspect, structures);
    });
    return;
  }
  const MarkableModel release = open_model(marked);
  CarriedFrames frames(whole(release), std::nullopt);
  const Make carried = [&](std::vector<embed::StructureKey> keys) {
    return must(frames.structures(whole(suspect), std::move(keys), {}, {default_threads()}));
  };
  report_null("in the carried frame", carried,
              [&](const std::vector<embed::Structure>& structures) {
                return plain_sketches(suspect, structures);
              });
  report_null("in careful windows of the carried frame", carried,
              [&](const std::vector<embed::Structure>& structures) {
                return careful_sketches(suspect, structures);
              });
}

}  // namespace wmk::verify
