// What one lineage test found, and how much its number is worth (specs/lineage.md 1).
//
// Purpose: every p-value names its null and its kind; only exact ones, and coincidences whose
// control passed, may decide. Lifetime: plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wmk::lineage {

enum class Kind { exact, model_based, empirical, none };
constexpr std::string_view word(Kind kind) {
  constexpr std::string_view kWords[] = {"exact", "model-based", "empirical", "none"};
  return kWords[static_cast<size_t>(kind)];
}

// Groups of tensors that bear witness separately. The first three make one component.
enum class FamilyOfTensors {
  value_output,
  query_key,
  gains,
  feed_forward,
  tower_attention,  // of a tower beside the language model
  tower_ffn,
  none
};
constexpr std::string_view word(FamilyOfTensors family) {
  constexpr std::string_view kWords[] = {"v/o",       "q/k",       "gains", "ffn",
                                         "tower v/o", "tower ffn", "none"};
  return kWords[static_cast<size_t>(family)];
}

enum class Outcome { hit, weak, null, anomaly, control_failed, soft, not_run };
constexpr std::string_view word(Outcome outcome) {
  constexpr std::string_view kWords[] = {"hit",  "weak",   "null", "anomaly", "control failed",
                                         "soft", "not run"};
  return kWords[static_cast<size_t>(outcome)];
}

// What a statistic without a null reaches on models that have nothing to do with each other.
struct Background {
  double low = 0, high = 0;
  std::string from;  // which models, and who measured
};

struct TestResult {
  std::string name;  // "T1 row signs"
  FamilyOfTensors family = FamilyOfTensors::none;
  std::string statistic;  // what `value` is
  double value = 0;
  std::optional<double> log10_p;  // before any correction
  Kind kind = Kind::none;
  std::string null;       // in words
  double effect = 0;      // a cosine, or a share of neurons
  double effect_min = 0;  // what a hit needs
  double tried = 1;       // hypotheses, for Bonferroni
  // p has a floor (permutations): such a test never makes a hit and pays for nothing else.
  bool has_floor = false;
  Outcome outcome = Outcome::not_run;
  std::string gauge = "identity";
  std::string note;
  std::optional<Background> background;  // of soft tests, where it was measured
};

// The share of one expert's neurons that come from the reference.
struct ExpertShare {
  uint64_t layer = 0;
  std::optional<uint64_t> expert;
  bool shared = false;
  uint64_t sampled = 0;
  double share = 0;
};

// The statistic of tests whose effect is a mean cosine of rows.
inline constexpr std::string_view kCosineStatistic = "z of the signed sum of unit cosines";

inline constexpr std::string_view kTowerStatistic = "z of the signed sum of a tower's cosines";

inline constexpr double kLog10Hit = -12;
inline constexpr double kLog10Null = -3;

// p times the number of hypotheses.
inline double corrected(double log10_p, double log10_tried) {
  return log10_p + log10_tried < 0 ? log10_p + log10_tried : 0;
}

}  // namespace wmk::lineage
