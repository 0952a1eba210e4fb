#include "verify/site_reading.h"

#include <algorithm>
#include <cmath>

namespace wmk::verify {

using embed::Site;
using embed::TagRule;

namespace {

SiteScore score_of(const DetectPlan& plan, const SiteReading& site, unsigned count, TagRule tags,
                   double scored) {
  const embed::Total total = embed::total_of(site.shares, count, tags);
  const double length = total.length.value();
  const double part = site.site == Site::ffn ? scored : 1;
  return {choice_of(site.site), tags, total.correlation.z(),
          plan.expected_z(site.site, count, site.used, length, part), length};
}

}  // namespace

SiteReading ffn_reading(const checkpoint::Anatomy& anatomy, std::vector<embed::ShareReading> shares,
                        const embed::SketchSet& sketches) {
  const uint64_t vectors = anatomy.gated ? 3 : 2;
  const uint64_t skipped = sketches.skipped * vectors * anatomy.width;
  return {Site::ffn, std::move(shares), sketches.weights,
          sketches.weights - std::min(sketches.weights, skipped), anatomy.weight_count()};
}

SiteReading head_reading(const checkpoint::Anatomy& anatomy,
                         std::vector<embed::ShareReading> shares,
                         const embed::HeadSketchSet& sketches) {
  const uint64_t present = sketches.heads - std::min(sketches.heads, sketches.absent);
  const uint64_t used = sketches.heads == 0 ? 0 : sketches.weights / sketches.heads * present;
  return {Site::heads, std::move(shares), sketches.weights, used,
          anatomy.heads.vectors() * anatomy.width};
}

std::vector<SiteScore> scores_of(const DetectPlan& plan, const std::vector<SiteReading>& sites,
                                 unsigned count, double scored) {
  std::vector<SiteScore> out;
  SiteScore all{SiteChoice::all, TagRule::hard, 0, 0, 1};
  double squares = 0;
  for (const SiteReading& site : sites) {
    for (const TagRule tags : embed::kTagRules) {
      out.push_back(score_of(plan, site, count, tags, scored));
      if (tags != TagRule::hard) continue;
      const double weight = plan.sites[static_cast<size_t>(site.site)].usual_z;
      all.z += weight * out.back().z;
      all.expected_z += weight * out.back().expected_z;
      squares += weight * weight;
    }
  }
  if (sites.size() < 2 || !(squares > 0)) return out;
  all.z /= std::sqrt(squares);
  all.expected_z /= std::sqrt(squares);
  out.push_back(all);
  return out;
}

}  // namespace wmk::verify
