#include "verify/site_reading.h"

#include <algorithm>
#include <cmath>

#include "embed/output/output_signs.h"

namespace wmk::verify {

using embed::Site;
using embed::TagRule;

namespace {

// z of an untouched copy of which `weights` were read.
double expected_of(const DetectPlan& plan, const SiteReading& site, unsigned count,
                   uint64_t weights, double length, double scored) {
  if (site.site == Site::output) {
    return embed::output_expected_z(weights / plan.width, plan.width, site.pairs, count);
  }
  const double part = site.site == Site::ffn ? scored : 1;
  return plan.expected_z(site.site, count, weights, length, part);
}

SiteScore score_of(const DetectPlan& plan, const SiteReading& site, unsigned count, TagRule tags,
                   double scored) {
  const embed::Total total = embed::total_of(site.shares, count, tags);
  const double length = total.length.value();
  return {choice_of(site.site),
          tags,
          total.correlation.z(),
          expected_of(plan, site, count, site.used, length, scored),
          length,
          site.band};
}

SiteZ site_of(const SiteReading& site, const SiteScore& score) {
  return {site.site, score.z, score.expected_z, site.read, score.length, site.band, site.head};
}

}  // namespace

SiteReading ffn_reading(const checkpoint::Anatomy& anatomy, std::vector<embed::ShareReading> shares,
                        const embed::SketchSet& sketches) {
  const uint64_t vectors = anatomy.gated ? 3 : 2;
  const uint64_t skipped = sketches.skipped * vectors * anatomy.width;
  return {Site::ffn,
          std::move(shares),
          sketches.weights,
          sketches.weights - std::min(sketches.weights, skipped),
          anatomy.weight_count(),
          sketches.skipped + anatomy.skipped_unit_count(),
          sketches.not_finite,
          0,
          sketches.hard_only};
}

SiteReading head_reading(const checkpoint::Anatomy& anatomy,
                         std::vector<embed::ShareReading> shares,
                         const embed::HeadSketchSet& sketches) {
  const uint64_t present = sketches.heads - std::min(sketches.heads, sketches.absent);
  const uint64_t used = sketches.heads == 0 ? 0 : sketches.weights / sketches.heads * present;
  return {Site::heads,
          std::move(shares),
          sketches.weights,
          used,
          anatomy.heads.vectors() * anatomy.width,
          sketches.absent,
          0};
}

std::vector<SiteScore> scores_of(const DetectPlan& plan, const std::vector<SiteReading>& sites,
                                 unsigned count, double scored) {
  std::vector<SiteScore> out;
  SiteScore all{SiteChoice::all, TagRule::hard, 0, 0, 1};
  double squares = 0;
  for (const SiteReading& site : sites) {
    for (const TagRule tags : embed::kTagRules) {
      if (site.hard_only && tags != TagRule::hard) continue;
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

SiteZ site_z(const DetectPlan& plan, const SiteReading& site, const Detection& found) {
  const SiteScore one = score_of(plan, site, plan.shares_asked(), found.tags, 1);
  return site_of(site, one);
}

void keep_sites(const DetectPlan& plan, const std::vector<SiteReading>& sites,
                const SiteScore& score, unsigned count, double scored, Detection& found) {
  found.sites.clear();
  found.shares.clear();
  found.weights_read = found.weights_total = 0;
  double full = 0, squares = 0;
  for (const SiteReading& site : sites) {
    const SiteScore one = score_of(plan, site, count, score.tags, scored);
    found.sites.push_back(site_of(site, one));
    if (site.site == Site::ffn) found.skipped_units = site.skipped;
    if (site.site == Site::ffn) found.not_finite_units = site.not_finite;
    if (score.site != SiteChoice::all && score.site != choice_of(site.site)) continue;
    const double weight = score.site == SiteChoice::all ? plan.site(site.site).usual_z : 1;
    full += weight * expected_of(plan, site, plan.shares_asked(), site.total, one.length, scored);
    squares += weight * weight;
    found.weights_read += site.read;
    found.weights_total += site.total;
    found.is_bound = !plan.site(site.site).marked_weights;
    for (size_t i = 0; i < site.shares.size(); ++i) {
      const double z = site.shares[i].correlation[static_cast<size_t>(score.tags)].z();
      if (found.shares.size() <= i) found.shares.push_back({site.shares[i].share, 0});
      found.shares[i].z += weight * z;
    }
  }
  if (!(squares > 0)) return;
  found.expected_z_full = full / std::sqrt(squares);
  for (ShareZ& share : found.shares) share.z /= std::sqrt(squares);
}

}  // namespace wmk::verify
