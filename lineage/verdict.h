// From test results to one verdict (specs/lineage.md 9).
//
// Purpose: two families must bear witness; abstaining is the default. Thread-safety: pure
// functions.
#pragma once

#include "lineage/evidence.h"

namespace wmk::lineage {

enum class Verdict {
  derived,
  partly_derived,
  shared_initialisation_possible,
  no_shared_weights,
  not_enough_evidence
};
// As --json spells them.
constexpr std::string_view word(Verdict verdict) {
  constexpr std::string_view kWords[] = {"derived", "partly_derived",
                                         "shared_initialisation_possible", "no_shared_weights",
                                         "not_enough_evidence"};
  return kWords[static_cast<size_t>(verdict)];
}

struct FamilyFinding {
  FamilyOfTensors family = FamilyOfTensors::none;
  bool comparable = false;
  bool hit = false, null = false;
  double log10_p = 0;  // corrected for tests, gauges and families
  double effect = 0;
  std::string reason;  // why it is not comparable
};

struct Judgement {
  Verdict verdict = Verdict::not_enough_evidence;
  std::string reason;
  std::vector<FamilyFinding> families;  // v/o, q/k, gains, ffn
  bool control_failed = false;          // of an exact test: nothing is concluded
};

// What the tests of one family say, and how one is weighed that was tried so often.
void weigh(TestResult& test, double tried);
FamilyFinding finding_of(const std::vector<TestResult>& tests, FamilyOfTensors family);

// Marks hits among `tests` (all run in one gauge) and weighs them. `gauges` is how many were tried;
// `own_places`: the gauge leaves coordinates where they are, as one start of two trainings would.
Judgement judge(std::vector<TestResult>& tests, double gauges, bool own_places = true);

}  // namespace wmk::lineage
