// The result of one lineage test, and how far its number can be trusted (specs/lineage.md 1).
//
// Purpose: every p-value names its null hypothesis and its kind. Only exact p-values, and
// coincidences whose control passed, may decide. Lifetime: plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lineage/model/basis.h"

namespace wmk::lineage {

// How a p-value was obtained: from a theorem, under a model, by counting, or not at all.
enum class EvidenceKind { exact, model_based, empirical, none };
constexpr std::string_view to_string(EvidenceKind kind) {
  constexpr std::string_view kNames[] = {"exact", "model-based", "empirical", "none"};
  return kNames[static_cast<size_t>(kind)];
}

// Groups of tensors that are judged separately. The first three make one component, attention.
enum class TensorFamily {
  value_output,
  query_key,
  norm_weights,  // and biases of attention
  feed_forward,
  tower_attention,  // of a tower beside the language model
  tower_ffn,
  embedding,  // of tokens
  none
};
// As --json spells them.
constexpr std::string_view to_string(TensorFamily family) {
  constexpr std::string_view kNames[] = {"v/o",       "q/k",       "gains",     "ffn",
                                         "tower v/o", "tower ffn", "embedding", "none"};
  return kNames[static_cast<size_t>(family)];
}

// What a verdict speaks of. A shared component beside the language model (a tower, the token
// embedding) says nothing about the rest.
enum class Component { attention, feed_forward, beside, none };
constexpr Component component_of(TensorFamily family) {
  switch (family) {
    case TensorFamily::value_output:
    case TensorFamily::query_key:
    case TensorFamily::norm_weights:
      return Component::attention;
    case TensorFamily::feed_forward:
      return Component::feed_forward;
    case TensorFamily::none:
      return Component::none;
    default:
      return Component::beside;
  }
}

// anomaly: the p shows nothing, but sizes do (signs were turned one by one).
enum class Outcome { hit, weak, null, anomaly, control_failed, soft, not_run };
constexpr std::string_view to_string(Outcome outcome) {
  constexpr std::string_view kNames[] = {"hit",  "weak",   "null", "anomaly", "control failed",
                                         "soft", "not run"};
  return kNames[static_cast<size_t>(outcome)];
}

// The range that a statistic without a null hypothesis covers on unrelated models.
struct Background {
  double low = 0, high = 0;
  std::string from;  // which models, and who measured
};

struct TestResult {
  std::string name;  // "T1 row signs"
  TensorFamily family = TensorFamily::none;
  std::string statistic;  // what `value` is
  double value = 0;
  std::optional<double> log10_p;  // before any correction
  EvidenceKind kind = EvidenceKind::none;
  std::string null;       // the null hypothesis, in words
  double effect = 0;      // a mean cosine, or a share of neurons
  double effect_min = 0;  // a hit needs more, in size
  double tried = 1;       // number of hypotheses, for Bonferroni's correction
  // p cannot fall below a floor (permutations): the test never makes a hit, and needs no correction
  // for other tests.
  bool has_floor = false;
  Outcome outcome = Outcome::not_run;
  // Agreement that unrelated models do not reach, although no p decides: no part that this test
  // looks at can be called new.
  bool stands_out = false;
  Component component = Component::none;  // that a test without a family looks at
  std::string not_seen;                   // changes of a copy to which the test is blind
  std::string direction;                  // what the finding shows about who came first
  BasisKind basis = BasisKind::identity;
  std::string note;
  std::optional<Background> background;  // of soft tests, where it was measured
};

// The share of one expert's neurons that the reference has too.
struct ExpertShare {
  uint64_t layer = 0;
  std::optional<uint64_t> expert;
  bool shared = false;
  uint64_t sampled = 0;
  double share = 0;
};

// The statistics of tests whose effect is a mean cosine of rows.
inline constexpr std::string_view kCosineStatistic = "z of the signed sum of cosines";
inline constexpr std::string_view kTowerStatistic =
    "z of the signed sum of cosines in another tower";

// Below this mean cosine (or share of neurons) agreement is too weak to come from copying: a few
// rows planted in either model give as much.
inline constexpr double kCopiedMin = 0.1;

inline constexpr double kLog10Hit = -12;
inline constexpr double kLog10Null = -3;

// log10 of p times the number of hypotheses, at most 0.
inline double corrected(double log10_p, double log10_tried) {
  return log10_p + log10_tried < 0 ? log10_p + log10_tried : 0;
}

}  // namespace wmk::lineage
