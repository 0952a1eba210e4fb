#include "lineage/verdict.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::lineage {

namespace {

LineageJudgement concluded(LineageJudgement judgement, LineageVerdict verdict, VerdictRule rule,
                           std::string reason) {
  judgement.verdict = verdict;
  judgement.rule = rule;
  judgement.reason = std::move(reason);
  return judgement;
}

struct Part {
  std::string_view name;  // "attention", "the FFN"
  bool compared = false, hit = false, null = false;
  std::string stands;  // in this basis
  std::string elsewhere;
};

struct Tally {
  int comparable = 0, hits = 0, nulls = 0;
  std::string hit_names;
  Part attention, ffn;
};

Tally tally_of(const Findings& found, const Elsewhere& elsewhere) {
  Tally out;
  out.attention = {"attention", false, false, true, found.attention_stands, elsewhere.attention};
  out.ffn = {"the FFN", false, false, true, found.feed_forward_stands, elsewhere.feed_forward};
  for (const FamilyFinding& family : found.families) {
    const bool is_norms = family.family == TensorFamily::norm_weights;
    const bool compared = family.comparable || family.dropped;
    Part& part = family.family == TensorFamily::feed_forward ? out.ffn : out.attention;
    out.hits += family.hit;
    part.hit = part.hit || family.hit;
    if (family.hit) {
      out.hit_names += cat(out.hit_names.empty() ? "" : ", ", to_string(family.family));
    }
    if (is_norms) continue;  // these only support others; alone they make nothing comparable
    out.comparable += compared;
    out.nulls += family.null;
    part.compared = part.compared || compared;
    part.null = part.null && family.null;
  }
  for (Part* part : {&out.attention, &out.ffn}) part->null = part->null && part->stands.empty();
  return out;
}

std::string shares(const Tally& tally) {
  return cat(tally.hit_names, tally.hits == 1 ? " shares" : " share", " weights");
}

// What may be said of a part in which no family agrees.
std::string about(const Part& part, const Elsewhere& elsewhere) {
  const auto not_new = [&](const std::string& why) {
    return cat(part.name, " is not called new: ", why);
  };
  if (!part.stands.empty()) return not_new(part.stands);
  if (!part.null) return not_new("it was only compared in part");
  if (!part.elsewhere.empty()) return not_new(part.elsewhere);
  if (!elsewhere.untried.empty()) return not_new(cat("not tried: ", elsewhere.untried));
  return cat(part.name, " is new");
}

std::string all_standing(const Tally& tally) {
  std::string out;
  for (const Part* part : {&tally.attention, &tally.ffn}) {
    const std::string& what = part->stands.empty() ? part->elsewhere : part->stands;
    if (!what.empty()) out += cat(out.empty() ? "" : ", ", what);
  }
  return out;
}

std::string same_start_reason(const Tally& tally, NormAgreement norms) {
  const std::string agree = cat(tally.hit_names, tally.hits == 1 ? " agrees" : " agree");
  if (norms == NormAgreement::untested) {
    return cat(agree,
               " less closely than copies, and norm weights cannot be tested: cannot exclude "
               "a shared initialisation");
  }
  return cat(agree, ", norm weights do not: as after two trainings from one initialisation");
}

// Nothing agrees as copies do.
LineageJudgement without_hits(LineageJudgement out, const Findings& found, const Tally& tally,
                              const Elsewhere& elsewhere) {
  using enum LineageVerdict;
  const auto undecided = [&](VerdictRule rule, std::string reason) {
    return concluded(std::move(out), not_enough_evidence, rule, std::move(reason));
  };
  if (!found.too_weak.empty()) {
    return undecided(VerdictRule::too_weak, cat("agreement in ", found.too_weak,
                                                " is too weak to come from copying; "
                                                "either side could have planted it"));
  }
  if (found.lone_biases) {
    return undecided(VerdictRule::otherwise,
                     "biases agree, the rows they belong to do not: they may have been planted");
  }
  const std::string standing = all_standing(tally);
  if (!standing.empty()) {
    return undecided(
        VerdictRule::otherwise,
        cat("no exact test agrees as copies do, but not all show nothing: ", standing));
  }
  if (tally.nulls < tally.comparable) {
    return undecided(VerdictRule::otherwise, "weak agreement, below the reporting threshold");
  }
  if (!elsewhere.untried.empty()) {
    return undecided(VerdictRule::otherwise,
                     cat("nothing agrees beyond chance; not tried: ", elsewhere.untried));
  }
  return concluded(std::move(out), no_shared_weights, VerdictRule::all_null,
                   "every family that can be compared agrees no better than chance");
}

}  // namespace

LineageJudgement conclude(const Findings& found, const Elsewhere& elsewhere) {
  using enum LineageVerdict;
  LineageJudgement out;
  out.families = found.families;
  const Tally tally = tally_of(found, elsewhere);
  out.is_silent = tally.hits == 0 && found.too_weak.empty() && !found.lone_biases &&
                  tally.nulls == tally.comparable && all_standing(tally).empty();
  const bool norms_agree = found.norms == NormAgreement::agree;
  if (tally.comparable < 2) {
    const std::string standing = all_standing(tally);
    return concluded(std::move(out), not_enough_evidence, VerdictRule::not_comparable,
                     cat("fewer than two families of tensors can be compared",
                         standing.empty() ? "" : "; ", standing));
  }
  if (tally.hits == 0) return without_hits(std::move(out), found, tally, elsewhere);
  if (found.less_than_copies && !norms_agree) {
    return concluded(std::move(out), shared_initialisation_possible, VerdictRule::same_start,
                     same_start_reason(tally, found.norms));
  }
  const Part& other = tally.attention.hit ? tally.ffn : tally.attention;
  const bool in_one = tally.attention.hit != tally.ffn.hit;
  if (in_one && other.compared && other.null) {
    return concluded(std::move(out), partly_derived, VerdictRule::one_component,
                     cat(shares(tally), "; ", about(other, elsewhere)));
  }
  if (tally.hits >= 2) {
    return concluded(std::move(out), derived, VerdictRule::two_families, shares(tally));
  }
  if (other.compared) {
    return concluded(std::move(out), partly_derived, VerdictRule::one_family,
                     cat(shares(tally), "; ", about(other, elsewhere)));
  }
  return concluded(std::move(out), not_enough_evidence, VerdictRule::otherwise,
                   cat("only ", tally.hit_names, " agrees"));
}

LineageJudgement judge(std::vector<TestResult>& tests, double bases, bool own_places) {
  return conclude(find_families(tests, bases, own_places));
}

}  // namespace wmk::lineage
