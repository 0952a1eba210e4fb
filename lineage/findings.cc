#include "lineage/findings.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "lineage/tests/folded_norms.h"
#include "lineage/tests/norm_weights.h"

namespace wmk::lineage {

namespace {

constexpr TensorFamily kFamilies[] = {TensorFamily::value_output, TensorFamily::query_key,
                                      TensorFamily::norm_weights, TensorFamily::feed_forward};
// If the largest mean cosine is below this and norm weights do not agree, a copy cannot be
// distinguished from a second training with the same initialisation (measured on small models:
// cosine .91, correlation of norm weights .15).
constexpr double kSameStartCosineMax = 0.95;
constexpr size_t kNamedMax = 2;  // of the tests that stand out

bool ran(const TestResult& test) {
  return test.log10_p && (test.outcome == Outcome::null || test.outcome == Outcome::weak ||
                          test.outcome == Outcome::anomaly || test.outcome == Outcome::hit);
}

double corrected_p(const TestResult& test) {
  return corrected(*test.log10_p, std::log10(test.tried));
}

// Tests of a family that were run: each is one more chance of a false alarm.
double tests_of(const std::vector<TestResult>& tests, TensorFamily family) {
  return static_cast<double>(std::max<std::ptrdiff_t>(
      1, std::count_if(tests.begin(), tests.end(),
                       [&](const TestResult& t) { return t.family == family && ran(t); })));
}

// Unrelated models have coincidences of neurons too: these count beside an exact hit, but never
// alone. Biases are easily planted: they do not support coincidences.
void demote_lone_coincidences(std::vector<TestResult>& tests) {
  const bool is_exact = std::any_of(tests.begin(), tests.end(), [](const TestResult& test) {
    return test.outcome == Outcome::hit && test.family != TensorFamily::norm_weights &&
           test.kind == EvidenceKind::exact;
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

std::string too_weak(const std::vector<TestResult>& tests) {
  std::string out;
  for (const TensorFamily family : kFamilies) {
    const bool is_weak = std::any_of(tests.begin(), tests.end(), [&](const TestResult& test) {
      return test.family == family && test.outcome == Outcome::weak && !test.has_floor &&
             test.kind == EvidenceKind::exact && corrected_p(test) < kLog10Hit;
    });
    if (is_weak) out += cat(out.empty() ? "" : ", ", to_string(family));
  }
  return out;
}

// Only mean cosines measure closeness; shares of matched neurons do not. A shared start shows in
// rows at equal places, not in neurons that were found elsewhere.
bool less_than_copies(const std::vector<TestResult>& tests) {
  double effect = 0;
  for (const TestResult& test : tests) {
    if (test.outcome != Outcome::hit || test.statistic != kCosineStatistic) continue;
    effect = std::max(effect, std::abs(test.effect));
  }
  return effect > 0 && effect < kSameStartCosineMax;
}

// As stored, or folded: either may show it. Neither shows a difference that could not be made by
// moving factors from norm weights into matrices unless the folded matrices do.
NormAgreement norm_agreement(const std::vector<TestResult>& tests) {
  NormAgreement out = NormAgreement::untested;
  for (const TestResult& test : tests) {
    const bool is_stored = test.has_floor && ran(test);
    const bool is_folded = test.statistic == kFoldedStatistic && test.outcome == Outcome::soft;
    if (!is_stored && !is_folded) continue;
    if (test.effect >= kSameNorms && test.outcome != Outcome::null) return NormAgreement::agree;
    out = NormAgreement::differ;
  }
  return out;
}

// Why a test stands out without a hit; empty if it does not. Coincidences of a few neurons are
// common in bases that were fitted to tokens, so that `elsewhere` they need the effect of a hit.
std::string why_standing(const TestResult& test, bool elsewhere) {
  const std::string name = cat("'", test.name, "'");
  if (test.outcome == Outcome::control_failed) return cat("the control of ", name, " failed");
  if (test.outcome == Outcome::anomaly) return cat("sizes stand out in ", name);
  const bool is_common = elsewhere && test.kind == EvidenceKind::model_based &&
                         !(std::abs(test.effect) > test.effect_min);
  if (test.outcome == Outcome::weak && !test.has_floor && !is_common)
    return cat("weak agreement in ", name);
  return test.stands_out && test.outcome != Outcome::hit ? cat(name, " stands out") : "";
}

}  // namespace

void weigh(TestResult& test, double tried) {
  if (!ran(test)) return;
  test.tried *= tried;
  const double p = corrected_p(test);
  const bool is_large = std::abs(test.effect) > test.effect_min;
  test.outcome = !test.has_floor && p < kLog10Hit && is_large ? Outcome::hit
                 : p <= kLog10Null                            ? Outcome::weak
                 : test.stands_out                            ? Outcome::anomaly
                                                              : Outcome::null;
  if (test.outcome == Outcome::null && !test.not_seen.empty()) {
    test.note += cat("; not seen: ", test.not_seen);
  }
  if (!test.has_floor && p < kLog10Hit && !is_large) test.note += "; too weak to come from copying";
}

FamilyFinding finding_of(const std::vector<TestResult>& tests, TensorFamily family) {
  FamilyFinding out;
  out.family = family;
  out.null = true;
  for (const TestResult& test : tests) {
    if (test.family != family) continue;
    if (!ran(test)) {
      const bool failed = test.outcome == Outcome::control_failed;
      if (out.reason.empty()) {
        out.reason = failed ? cat("the control of '", test.name, "' failed") : test.note;
      }
      out.dropped = out.dropped || failed;
      out.null = out.null && !failed;
      continue;
    }
    out.comparable = true;
    out.hit = out.hit || test.outcome == Outcome::hit;
    out.null = out.null && test.outcome == Outcome::null;
    out.log10_p = std::min(out.log10_p, corrected_p(test));
    if (test.outcome == Outcome::hit) out.effect = std::max(out.effect, std::abs(test.effect));
  }
  out.null = out.null && out.comparable;
  if (out.comparable) out.reason.clear();
  return out;
}

std::string standing_out(const std::vector<TestResult>& tests, Component component,
                         bool elsewhere) {
  std::vector<std::string> all;
  for (const TestResult& test : tests) {
    const Component of =
        test.family == TensorFamily::none ? test.component : component_of(test.family);
    if (of != component) continue;
    const bool hit = elsewhere && test.outcome == Outcome::hit;
    auto why = hit ? cat("agreement in '", test.name, "'") : why_standing(test, elsewhere);
    if (!why.empty()) all.push_back(std::move(why));
  }
  std::string out;
  for (size_t i = 0; i < std::min(kNamedMax, all.size()); ++i) {
    out += cat(out.empty() ? "" : ", ", all[i]);
  }
  return out;
}

Findings find_families(std::vector<TestResult>& tests, double bases, bool own_places) {
  const double families = static_cast<double>(std::size(kFamilies));
  for (TestResult& test : tests) {
    // Norm weights are compared once, in their own coordinates, and never make a hit.
    weigh(test, test.has_floor ? 1 : bases * families * tests_of(tests, test.family));
  }
  demote_lone_coincidences(tests);
  Findings out;
  for (const TensorFamily family : kFamilies) out.families.push_back(finding_of(tests, family));
  out.lone_biases = demote_lone_biases(out.families);
  out.too_weak = too_weak(tests);
  out.less_than_copies = own_places && less_than_copies(tests);
  out.norms = norm_agreement(tests);
  out.attention_stands = standing_out(tests, Component::attention);
  if (out.lone_biases && out.attention_stands.empty()) out.attention_stands = "biases agree";
  out.feed_forward_stands = standing_out(tests, Component::feed_forward);
  return out;
}

}  // namespace wmk::lineage
