// What detection reads in one reading of the model, decided before anything is read
// (specs/verdicts.md 2).
//
// Thread-safety: pure functions and values.
#pragma once

#include <array>
#include <vector>

#include "embed/scheme/strength.h"
#include "embed/sites/site.h"
#include "verify/detect.h"

namespace wmk::verify {

// Shares that are read together, and the totals that can be computed from then on.
struct Stage {
  std::vector<unsigned> read;
  // Each entry n is the total of the first n shares read so far.
  std::vector<unsigned> totals;
};

// What an untouched copy of a mark in one site is expected to show.
struct SitePlan {
  // z at the default strength, from counts and widths of the suspect alone: the weight of the site
  // where all are scored together.
  double usual_z = 0;
  double entries = 0;  // of one share
  double yield = embed::kYield;
  // Of the release, if a record lists them: how many weights were marked, and what was read back.
  std::optional<uint64_t> marked_weights = std::nullopt;
  std::optional<embed::ReadBack> read_back = std::nullopt;
};

struct DetectPlan {
  std::vector<Stage> stages;
  embed::MarkPlan mark;  // strength and shares assumed for the expected z
  // Unless it is known, a total of n shares is expected to be that of a mark with n shares.
  bool is_number_known = false;
  std::array<SitePlan, embed::kSiteCount> sites;
  uint64_t width = 0;
  const SitePlan& site(embed::Site site) const { return sites[static_cast<size_t>(site)]; }

  // z of the first `count` shares in an untouched copy of which `weights` were read: scaled from
  // what was read back, or else by the formula. `scored`: the part of weights and entries that the
  // frame scores.
  double expected_z(embed::Site site, unsigned count, uint64_t weights, double length,
                    double scored = 1) const;
  // The shares of the mark that the largest total adds up.
  unsigned shares_asked() const;
  // All shares that the stages read, and all totals, in one stage.
  Stage whole() const;
};

// What does not depend on the suspect. Errors: as of plan_detection().
Status check_request(const DetectRequest& request);
// For one reading. Errors: a request that is invalid, or does not fit a record.
Result<DetectPlan> plan_detection(const checkpoint::Anatomy& anatomy, const DetectRequest& request);

// Whether the number of shares of the mark is known, or only one share is read.
bool are_shares_known(const DetectRequest& request);
FrameInputs inputs_of(const DetectRequest& request);
// A record's mark is in the frame of its labels, not in the other own one; the shared frame is
// tried where it is not that of the suspect's own strings.
bool is_wanted(FrameSource frame, const checkpoint::Vocabulary& vocabulary,
               const DetectRequest& request);

}  // namespace wmk::verify
