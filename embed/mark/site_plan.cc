#include "embed/mark/site_plan.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "embed/output/output_signs.h"

namespace wmk::embed {

namespace {

constexpr std::string_view kNotChosen = "not among --sites";

SitePlan plan_heads(const checkpoint::Anatomy& anatomy, const MarkPlan& plan, const Sites& chosen,
                    bool licensee) {
  SitePlan out{Site::heads, {}, 0};
  if (!chosen[Site::heads]) {
    out.not_marked = kNotChosen;
  } else if (licensee) {
    out.not_marked = "heads carry no licensee's mark";
  } else if (anatomy.heads.layers.empty()) {
    const std::string& reason = anatomy.heads.missing;
    out.not_marked = reason.empty() ? "no attention heads were found" : reason;
  } else {
    const auto weights = static_cast<double>(anatomy.heads.vectors() * anatomy.width);
    out.expected_z = kHeadYield * plan.strength * std::sqrt(weights);
  }
  return out;
}

}  // namespace

Sites SitePlans::marked() const {
  Sites out;
  for (const Site site : kSites) out[site] = marks(site);
  return out;
}

double SitePlans::best_expected_z() const {
  double out = 0;
  for (const SitePlan& each : sites) out = std::max(out, each.expected_z);
  return out;
}

Result<SitePlans> plan_sites(const checkpoint::Checkpoint& checkpoint,
                             const checkpoint::Anatomy& anatomy, const MarkPlan& plan,
                             const Sites& chosen, bool licensee) {
  SitePlans out;
  const bool ffn = chosen[Site::ffn];
  out.sites.push_back(
      {Site::ffn, ffn ? "" : std::string(kNotChosen), ffn ? plan.expected_z(plan.shares) : 0});
  out.sites.push_back(plan_heads(anatomy, plan, chosen, licensee));

  SitePlan output{Site::output, std::string(kNotChosen), 0};
  if (chosen[Site::output]) {
    const unsigned shares = licensee ? 1 : plan.shares;
    auto head = find_output_head(checkpoint, anatomy);
    if (!head) return std::move(head).error();
    out.head = std::move(*head);
    output.not_marked = output_not_markable(checkpoint, anatomy, out.head, shares);
    out.output_energy = output_energy(shares);
    if (output.not_marked.empty()) {
      out.output_pairs = embed::output_pairs(out.head.rows, anatomy.width, shares);
      output.expected_z = output_expected_z(out.head.rows, anatomy.width, out.output_pairs, shares);
    }
  }
  out.sites.push_back(std::move(output));
  if (out.marked() == Sites{}) {
    std::string reasons;
    for (const SitePlan& each : out.sites) {
      if (chosen[each.site]) reasons += cat("; ", to_string(each.site), ": ", each.not_marked);
    }
    return Error(ErrorCode::unsupported, cat("none of the chosen sites can be marked", reasons));
  }
  return out;
}

}  // namespace wmk::embed
