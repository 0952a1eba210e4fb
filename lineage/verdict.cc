#include "lineage/verdict.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace wmk::lineage {

namespace {

constexpr TensorFamily kFamilies[] = {TensorFamily::value_output, TensorFamily::query_key,
                                      TensorFamily::norm_weights, TensorFamily::feed_forward};
// If the largest mean cosine and the correlation of norm weights are both below these, a copy
// cannot be distinguished from a second training with the same initialisation (measured on small
// models: cosine .91, correlation .15).
constexpr double kSameStartCosineMax = 0.95, kSameStartNormsMax = 0.5;

bool ran(const TestResult& test) {
  return test.log10_p && (test.outcome == Outcome::null || test.outcome == Outcome::weak ||
                          test.outcome == Outcome::hit);
}

// Tests of a family that were run: each is one more chance of a false alarm.
double tests_of(const std::vector<TestResult>& tests, TensorFamily family) {
  return static_cast<double>(std::max<std::ptrdiff_t>(
      1, std::count_if(tests.begin(), tests.end(),
                       [&](const TestResult& t) { return t.family == family && ran(t); })));
}

// Unrelated models have some coincidences in fitted coordinates too: these count beside an exact
// hit of attention, but never alone.
void demote_lone_coincidences(std::vector<TestResult>& tests) {
  // Biases are the same in all bases and easily planted: they do not support coincidences.
  const bool is_exact = std::any_of(tests.begin(), tests.end(), [](const TestResult& test) {
    return test.outcome == Outcome::hit && test.family != TensorFamily::norm_weights &&
           (test.kind == EvidenceKind::exact || test.basis == BasisKind::identity);
  });
  if (is_exact) return;
  for (TestResult& test : tests) {
    if (test.outcome != Outcome::hit || test.family == TensorFamily::norm_weights) continue;
    test.outcome = Outcome::weak;
    test.note += "; no exact test agrees";
  }
}

// Biases are few and cheap to plant. They count beside agreeing rows of q, k, v and o; without
// these they support no verdict.
bool demote_lone_biases(std::vector<FamilyFinding>& families) {
  FamilyFinding& norms = families[2];
  if (!norms.hit || families[0].hit || families[1].hit) return false;
  norms.hit = false;
  return true;
}

LineageJudgement concluded(LineageJudgement judgement, LineageVerdict verdict, VerdictRule rule,
                           std::string reason) {
  judgement.verdict = verdict;
  judgement.rule = rule;
  judgement.reason = std::move(reason);
  return judgement;
}

std::string names_of(const std::vector<FamilyFinding>& families, bool FamilyFinding::*state) {
  std::string out;
  for (const FamilyFinding& family : families) {
    if (!(family.*state)) continue;
    out += cat(out.empty() ? "" : ", ", to_string(family.family));
  }
  return out;
}

struct Tally {
  int comparable = 0, hits = 0, nulls = 0;
  bool attention_hit = false, attention_null = false, ffn_hit = false, ffn_null = false;
};

Tally tally_of(const std::vector<FamilyFinding>& families) {
  Tally out;
  for (const FamilyFinding& family : families) {
    const bool is_ffn = family.family == TensorFamily::feed_forward;
    const bool is_norms = family.family == TensorFamily::norm_weights;
    // Norm weights and biases only support other families; alone they make nothing comparable.
    out.comparable += family.comparable && !is_norms;
    out.hits += family.hit;
    out.nulls += family.null && !is_norms;
    (is_ffn ? out.ffn_hit : out.attention_hit) |= family.hit;
    if (is_ffn) out.ffn_null = family.null;
  }
  out.attention_null = families[0].null && families[1].null;
  return out;
}

bool may_be_same_start(const std::vector<TestResult>& tests) {
  double effect = 0;
  bool norms_differ = false;
  for (const TestResult& test : tests) {
    if (test.has_floor && ran(test)) {
      norms_differ = test.outcome == Outcome::null || test.effect < kSameStartNormsMax;
    }
    // Only mean cosines measure closeness; shares of matched neurons do not. A shared start shows
    // in rows at equal places, not in neurons that were found elsewhere.
    if (test.outcome != Outcome::hit || test.statistic != kCosineStatistic) continue;
    effect = std::max(effect, test.effect);
  }
  return norms_differ && effect > 0 && effect < kSameStartCosineMax;
}

// The verdict of weighed tests in which no control failed, by the rules in their order.
LineageJudgement apply_rules(LineageJudgement out, bool same_start, bool lone_biases) {
  using enum LineageVerdict;
  const Tally tally = tally_of(out.families);
  if (tally.comparable < 2) {
    return concluded(std::move(out), not_enough_evidence, VerdictRule::not_comparable,
                     "fewer than two families of tensors can be compared");
  }
  const std::string hits = names_of(out.families, &FamilyFinding::hit);
  if (tally.hits > 0 && same_start) {
    return concluded(std::move(out), shared_initialisation_possible, VerdictRule::same_start,
                     cat(hits, tally.hits == 1 ? " agrees" : " agree",
                         ", norm weights do not: as after two trainings from one initialisation"));
  }
  if (tally.attention_hit != tally.ffn_hit &&
      (tally.attention_hit ? tally.ffn_null : tally.attention_null)) {
    return concluded(std::move(out), partly_derived, VerdictRule::one_component,
                     cat(hits, tally.hits == 1 ? " comes" : " come", " from the reference; ",
                         tally.attention_hit ? "the FFN is new" : "attention is new"));
  }
  if (tally.hits >= 2) {
    return concluded(std::move(out), derived, VerdictRule::two_families,
                     cat(hits, " come from the reference"));
  }
  if (tally.hits == 0 && lone_biases) {
    return concluded(std::move(out), not_enough_evidence, VerdictRule::otherwise,
                     "biases agree, the rows they belong to do not: they may have been planted");
  }
  if (tally.hits == 0 && tally.nulls == tally.comparable) {
    return concluded(std::move(out), no_shared_weights, VerdictRule::all_null,
                     "every family that can be compared agrees no better than chance");
  }
  return concluded(std::move(out), not_enough_evidence, VerdictRule::otherwise,
                   hits.empty() ? std::string("weak agreement, below the reporting threshold")
                                : cat("only ", hits, " agrees"));
}

}  // namespace

void weigh(TestResult& test, double tried) {
  if (!ran(test)) return;
  test.tried *= tried;
  const double p = corrected(*test.log10_p, std::log10(test.tried));
  test.outcome = !test.has_floor && p < kLog10Hit && test.effect > test.effect_min ? Outcome::hit
                 : p > kLog10Null                                                  ? Outcome::null
                                                                                   : Outcome::weak;
}

FamilyFinding finding_of(const std::vector<TestResult>& tests, TensorFamily family) {
  FamilyFinding out;
  out.family = family;
  out.null = true;
  for (const TestResult& test : tests) {
    if (test.family != family) continue;
    if (!ran(test)) {
      if (out.reason.empty()) out.reason = test.note;
      out.null = out.null && test.outcome != Outcome::anomaly;
      continue;
    }
    out.comparable = true;
    out.hit = out.hit || test.outcome == Outcome::hit;
    out.null = out.null && test.outcome == Outcome::null;
    out.log10_p = std::min(out.log10_p, corrected(*test.log10_p, std::log10(test.tried)));
    if (test.outcome == Outcome::hit) out.effect = std::max(out.effect, test.effect);
  }
  out.null = out.null && out.comparable;
  if (out.comparable) out.reason.clear();
  return out;
}

LineageJudgement judge(std::vector<TestResult>& tests, double bases, bool own_places) {
  const double families = static_cast<double>(std::size(kFamilies));
  for (TestResult& test : tests) {
    // Norm weights are compared once, in their own coordinates, and never make a hit.
    weigh(test, test.has_floor ? 1 : bases * families * tests_of(tests, test.family));
  }
  demote_lone_coincidences(tests);
  LineageJudgement out;
  for (const TensorFamily family : kFamilies) out.families.push_back(finding_of(tests, family));
  const bool lone_biases = demote_lone_biases(out.families);
  for (const TestResult& test : tests) {
    // A coincidence test that fails its control is left out; an exact one throws doubt on all.
    if (test.outcome != Outcome::control_failed || test.kind != EvidenceKind::exact) continue;
    out.control_failed = true;
    return concluded(std::move(out), LineageVerdict::not_enough_evidence,
                     VerdictRule::not_comparable, cat("the control of '", test.name, "' failed"));
  }
  return apply_rules(std::move(out), own_places && may_be_same_start(tests), lone_biases);
}

}  // namespace wmk::lineage
