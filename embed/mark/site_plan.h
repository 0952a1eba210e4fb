// Which sites of a model a request marks, and why others are left out (specs/mark.md 5,
// specs/output.md 2).
//
// Purpose: one answer for the plan, the marking and the record. Lifetime: values. Thread-safety:
// pure functions; they read the checkpoint.
#pragma once

#include <string>
#include <vector>

#include "embed/output/output_head.h"
#include "embed/scheme/strength.h"
#include "embed/sites/site.h"

namespace wmk::embed {

struct SitePlan {
  Site site = Site::ffn;
  std::string not_marked;  // the reason; empty: it is marked
  double expected_z = 0;   // of all shares, where the site is marked
};

struct SitePlans {
  std::vector<SitePlan> sites;  // in the order of kSites
  OutputHead head;
  size_t output_pairs = 0;
  double output_energy = 0;

  const SitePlan& at(Site site) const { return sites[static_cast<size_t>(site)]; }
  bool marks(Site site) const { return at(site).not_marked.empty(); }
  Sites marked() const;
  // Expected z of the site that shows the mark best.
  double best_expected_z() const;
};

// A licensee's mark has no part in attention heads. Errors: reading; no site that can be marked.
Result<SitePlans> plan_sites(const checkpoint::Checkpoint& checkpoint,
                             const checkpoint::Anatomy& anatomy, const MarkPlan& plan,
                             const Sites& chosen, bool licensee);

}  // namespace wmk::embed
