#include "claims/arbitrate/decide.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "claims/arbitrate/rules.h"
#include "embed/scheme/price.h"
#include "verify/claims/judge.h"

namespace wmk::claims {

namespace {

bool is_passed(const Decision& decision, std::string_view name) {
  return decision.finding(name).verdict == FindingVerdict::pass;
}

// A key that was not fixed before the suspect may have been ground against it.
Weight weigh(const CaseFacts& facts, bool is_counted, bool is_first) {
  const LinkFacts& link = *facts.link;
  Weight out;
  if (is_counted) out.commitments = facts.count.commitments;
  const double counted =
      out.commitments ? std::log(static_cast<double>(*out.commitments)) : kUncountedLnTries;
  out.ln_tries = is_first ? counted : std::max(counted, kUncountedLnTries);
  out.ln_p = std::min(0.0, link.ln_p + out.ln_tries);
  out.lambda = facts.claimant.commitment->lambda;
  out.ln_e = ln_e_value(link.z, out.lambda, link.price, out.ln_tries);
  return out;
}

// What the numbers alone allow. *Conclusive* leaves 2^-64 to whoever tried 2^64 keys, so that
// number is not charged twice.
Ruling numeric_ruling(const CaseFacts& facts, const Weight& weight) {
  const LinkFacts& link = *facts.link;
  if (link.level == report::Level::not_found) return Ruling::not_found;
  if (!report::is_yes(link.level)) return Ruling::undecided;
  const double counted =
      weight.commitments ? std::log(static_cast<double>(*weight.commitments)) : 0;
  if (link.ln_p + counted <= embed::kConclusiveLnP) return Ruling::conclusive;
  return weight.ln_p <= std::log(ruling_alpha(*facts.claimant.commitment)) ? Ruling::detected
                                                                           : Ruling::undecided;
}

// Why a mark that shows does not decide the case.
std::vector<std::string> limits_of(const CaseFacts& facts, const Decision& decision) {
  std::vector<std::string> out;
  const auto limit = [&](std::string_view name) {
    out.push_back(cat(name, ": ", decision.finding(name).text));
  };
  for (const char* name : {"custody", "exposure", "counterclaim"}) {
    if (!is_passed(decision, name)) limit(name);
  }
  if (decision.finding("link").code == "release_not_committed") limit("link");
  const Finding& priority = decision.finding("priority");
  // A frame of the release shows nothing unless the release was there first.
  const bool needs_priority = facts.link->is_release_frame;
  // A date that is held back must not do better than a late one.
  if (priority.verdict == FindingVerdict::fail || priority.code == "commitment_undated" ||
      (needs_priority && priority.verdict == FindingVerdict::open)) {
    limit("priority");
  }
  return out;
}

void rule(const CaseFacts& facts, Decision& out) {
  if (!may_read(facts.claimant)) {
    out.ruling = Ruling::refused;
    return;
  }
  if (!facts.link) return;
  out.weight = weigh(facts, is_passed(out, "completeness"), is_passed(out, "priority"));
  out.ruling = numeric_ruling(facts, *out.weight);
  if (out.ruling != Ruling::conclusive && out.ruling != Ruling::detected) return;
  out.limits = limits_of(facts, out);
  if (!out.limits.empty()) out.ruling = Ruling::undecided;
}

}  // namespace

std::string_view to_string(Ruling ruling) {
  constexpr std::array<std::string_view, 5> names = {"conclusive", "detected", "undecided",
                                                     "not_found", "refused"};
  return names[static_cast<size_t>(ruling)];
}

std::string KnownSigner::text() const {
  return cat(name, ", fingerprint ", fingerprint,
             role == Role::none ? ", which the trust folder binds to nobody" : "");
}

double ln_e_value(double z, double lambda, double price, double ln_tries) {
  return lambda * z - lambda * lambda / 2 - std::log(price) - ln_tries;
}

const Finding& Decision::finding(std::string_view name) const {
  return *std::ranges::find(findings, name, &Finding::name);
}

double ruling_alpha(const Commitment& commitment) {
  return std::min(commitment.alpha, verify::kDefaultAlpha);
}

bool may_read(const Party& claimant) {
  return claimant.good() && claimant.commitment && claimant.disclosure;
}

Decision decide(const CaseFacts& facts) {
  Decision out;
  out.findings = {integrity_finding(facts.claimant), opening_finding(facts.claimant)};
  if (may_read(facts.claimant)) {
    out.findings.push_back(time_finding(facts.claimant));
    out.findings.push_back(inclusion_finding(facts.claimant));
    out.findings.push_back(completeness_finding(facts));
    out.findings.push_back(custody_finding(facts));
    out.findings.push_back(exposure_finding(facts));
    out.findings.push_back(link_finding(facts));
    out.findings.push_back(priority_finding(facts));
    out.findings.push_back(counterclaim_finding(facts));
  }
  rule(facts, out);
  return out;
}

}  // namespace wmk::claims
