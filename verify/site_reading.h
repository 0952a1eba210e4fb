// What the sites of a mark show in one reading of a model (specs/verdicts.md 2, specs/heads.md 4).
//
// Purpose: each hypothesis is scored in each site that was read, and in all of them together.
// Lifetime: values. Thread-safety: pure functions.
#pragma once

#include <optional>
#include <vector>

#include "embed/read/head_sketch.h"
#include "embed/sites/site.h"
#include "verify/detect_plan.h"

namespace wmk::verify {

// One site of a model, as far as it was read.
struct SiteReading {
  embed::Site site = embed::Site::ffn;
  std::vector<embed::ShareReading> shares;  // in the order of the plan's totals
  uint64_t read = 0;                        // weights
  uint64_t used = 0;                        // of those, in units that were not skipped
  uint64_t total = 0;                       // weights of this site in the model
  uint64_t skipped = 0, not_finite = 0;     // units
  size_t pairs = 0;                         // of the output head
  bool hard_only = false;                   // soft tags were not read
  std::optional<int> band = {};             // the first of the window; none: plain
  std::string head = {};                    // the tensor, where two may be the output head
};
// What was read of the output head: with the number of pairs of the record, or with each of the
// five, in each tensor that may be the head. Fewer where a head cannot be read or has no labels.
struct OutputSite {
  std::vector<SiteReading> readings = {};
  size_t tried = 0;          // how many there could be
  bool is_recorded = false;  // the record tells the number of pairs
  double price = 1;          // times that of the hypothesis: what else could have been scored
  std::optional<CarriedTokens> tokens = {};
};
SiteReading ffn_reading(const checkpoint::Anatomy& anatomy, std::vector<embed::ShareReading> shares,
                        const embed::SketchSet& sketches);
SiteReading head_reading(const checkpoint::Anatomy& anatomy,
                         std::vector<embed::ShareReading> shares,
                         const embed::HeadSketchSet& sketches);

// One statistic: z of a total of shares under one tag rule, in one site or in all.
struct SiteScore {
  SiteChoice site = SiteChoice::ffn;
  embed::TagRule tags = embed::TagRule::hard;
  double z = 0;
  double expected_z = 0;  // of an untouched copy, in what was read
  double length = 1;
  std::optional<int> band = {};  // of its window
};
// Those of the first `count` shares: each site with hard and soft tags, and all sites together with
// hard tags, if there is more than one. `scored`: the part of the neurons' mark that the frame
// scores.
std::vector<SiteScore> scores_of(const DetectPlan& plan, const std::vector<SiteReading>& sites,
                                 unsigned count, double scored);

SiteZ site_z(const DetectPlan& plan, const SiteReading& site, const Detection& found);

// Sets what an answer lists of sites: z of each of them and of its shares, weights, expected z of
// all weights. `score`: the statistic of the answer.
void keep_sites(const DetectPlan& plan, const std::vector<SiteReading>& sites,
                const SiteScore& score, unsigned count, double scored, Detection& found);

}  // namespace wmk::verify
