#include "lineage/verdict.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace wmk::lineage {

namespace {

constexpr FamilyOfTensors kFamilies[] = {FamilyOfTensors::value_output, FamilyOfTensors::query_key,
                                         FamilyOfTensors::gains, FamilyOfTensors::feed_forward};
// Below this mean cosine, and with gains that correlate less than this, copies are not told from
// two trainings that began at the same numbers (measured on small ones: cosine .91, correlation
// .15).
constexpr double kSameStartCosineMax = 0.95, kSameStartGainsMax = 0.5;

bool ran(const TestResult& test) {
  return test.log10_p && (test.outcome == Outcome::null || test.outcome == Outcome::weak ||
                          test.outcome == Outcome::hit);
}

// Tests of one family that were run: each is one more chance of a false alarm.
double tests_of(const std::vector<TestResult>& tests, FamilyOfTensors family) {
  return static_cast<double>(std::max<std::ptrdiff_t>(
      1, std::count_if(tests.begin(), tests.end(),
                       [&](const TestResult& t) { return t.family == family && ran(t); })));
}

// Coincidences in coordinates that were fitted may join exact hits of attention; they never stand
// alone, as unrelated models have some as well.
void demote_lone_coincidences(std::vector<TestResult>& tests) {
  // Biases are the same in all coordinates and easily planted: they support nothing here.
  const bool is_exact = std::any_of(tests.begin(), tests.end(), [](const TestResult& test) {
    return test.outcome == Outcome::hit && test.family != FamilyOfTensors::gains &&
           (test.kind == Kind::exact || test.gauge == "identity");
  });
  if (is_exact) return;
  for (TestResult& test : tests) {
    if (test.outcome != Outcome::hit || test.family == FamilyOfTensors::gains) continue;
    test.outcome = Outcome::weak;
    test.note += "; no exact test agrees";
  }
}

// Biases are few and cheap to plant. They join rows of q, k, v and o that agree as well; where
// those do not, they carry no verdict.
bool demote_lone_biases(std::vector<FamilyFinding>& families) {
  FamilyFinding& gains = families[2];
  if (!gains.hit || families[0].hit || families[1].hit) return false;
  gains.hit = false;
  return true;
}

Judgement concluded(Judgement judgement, Verdict verdict, std::string reason) {
  judgement.verdict = verdict;
  judgement.reason = std::move(reason);
  return judgement;
}

std::string names_of(const std::vector<FamilyFinding>& families, bool FamilyFinding::*state) {
  std::string out;
  for (const FamilyFinding& family : families) {
    if (!(family.*state)) continue;
    out += cat(out.empty() ? "" : ", ", word(family.family));
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
    const bool is_ffn = family.family == FamilyOfTensors::feed_forward;
    const bool is_gains = family.family == FamilyOfTensors::gains;
    // Gains and biases hit beside others, and count as comparable only there.
    out.comparable += family.comparable && !is_gains;
    out.hits += family.hit;
    out.nulls += family.null && !is_gains;
    (is_ffn ? out.ffn_hit : out.attention_hit) |= family.hit;
    if (is_ffn) out.ffn_null = family.null;
  }
  out.attention_null = families[0].null && families[1].null;
  return out;
}

bool may_be_same_start(const std::vector<TestResult>& tests) {
  double effect = 0;
  bool gains_differ = false;
  for (const TestResult& test : tests) {
    if (test.has_floor && ran(test)) {
      gains_differ = test.outcome == Outcome::null || test.effect < kSameStartGainsMax;
    }
    if (test.outcome != Outcome::hit) continue;
    // Shares of neurons say nothing of closeness.
    if (test.statistic != kCosineStatistic) continue;
    effect = std::max(effect, test.effect);
  }
  // One start shows in the rows as they stand; neurons found elsewhere do not come of it.
  return gains_differ && effect > 0 && effect < kSameStartCosineMax;
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

FamilyFinding finding_of(const std::vector<TestResult>& tests, FamilyOfTensors family) {
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

Judgement judge(std::vector<TestResult>& tests, double gauges, bool own_places) {
  const double families = static_cast<double>(std::size(kFamilies));
  for (TestResult& test : tests) {
    // Gains are compared once, in their own coordinates, and never make a hit.
    weigh(test, test.has_floor ? 1 : gauges * families * tests_of(tests, test.family));
  }
  demote_lone_coincidences(tests);
  Judgement out;
  for (const FamilyOfTensors family : kFamilies) out.families.push_back(finding_of(tests, family));
  const bool lone_biases = demote_lone_biases(out.families);
  const Tally tally = tally_of(out.families);
  for (const TestResult& test : tests) {
    // A coincidence test that fails its control is left out; an exact one throws doubt on all.
    if (test.outcome != Outcome::control_failed || test.kind != Kind::exact) continue;
    out.control_failed = true;
    return concluded(std::move(out), Verdict::not_enough_evidence,
                     cat("the control of '", test.name, "' failed"));
  }
  if (tally.comparable < 2) {
    return concluded(std::move(out), Verdict::not_enough_evidence,
                     "fewer than two families of tensors can be compared");
  }
  const std::string hits = names_of(out.families, &FamilyFinding::hit);
  if (tally.hits > 0 && own_places && may_be_same_start(tests)) {
    return concluded(std::move(out), Verdict::shared_initialisation_possible,
                     cat(hits, " agree, gains do not: as after two trainings from one start"));
  }
  if (tally.attention_hit != tally.ffn_hit &&
      (tally.attention_hit ? tally.ffn_null : tally.attention_null)) {
    return concluded(
        std::move(out), Verdict::partly_derived,
        cat(hits, tally.attention_hit ? " come from the reference; the FFN is new"
                                      : " comes from the reference; attention is new"));
  }
  if (tally.hits >= 2) {
    return concluded(std::move(out), Verdict::derived, cat(hits, " come from the reference"));
  }
  if (tally.hits == 0 && lone_biases) {
    return concluded(std::move(out), Verdict::not_enough_evidence,
                     "biases agree, the rows they belong to do not: they may have been planted");
  }
  if (tally.hits == 0 && tally.nulls == tally.comparable) {
    return concluded(std::move(out), Verdict::no_shared_weights,
                     "every family that can be compared agrees no better than chance");
  }
  return concluded(std::move(out), Verdict::not_enough_evidence,
                   hits.empty() ? std::string("some agreement, not enough to speak of")
                                : cat("only ", hits, " agree"));
}

}  // namespace wmk::lineage
