// From test results in one basis to findings on families of tensors (specs/lineage.md 9).
//
// Purpose: corrects p, sets outcomes, and says of each family whether it agrees, shows nothing, or
// neither. Lifetime: values. Thread-safety: pure functions.
#pragma once

#include "lineage/evidence.h"

namespace wmk::lineage {

struct FamilyFinding {
  TensorFamily family = TensorFamily::none;
  bool comparable = false;
  bool hit = false, null = false;
  double log10_p = 0;  // corrected for tests, bases and families
  double effect = 0;
  std::string reason;    // why it is not comparable
  bool dropped = false;  // a test was dropped because its control failed
};

// What the norm weights say about a shared initialisation.
enum class NormAgreement { agree, differ, untested };

struct Findings {
  std::vector<FamilyFinding> families;  // v/o, q/k, norm weights, ffn
  bool lone_biases = false;             // biases agree, the rows they belong to do not
  std::string too_weak;                 // families whose p is that of a hit, but not their effect
  // Rows in the same places agree, but less closely than copies do: two trainings from one
  // initialisation look like this.
  bool less_than_copies = false;
  NormAgreement norms = NormAgreement::untested;
  // Which tests of a component stand out although they do not decide; empty: none.
  std::string attention_stands, feed_forward_stands;
};

// Sets the outcome of a test that was run, correcting its p for `tried` hypotheses.
void weigh(TestResult& test, double tried);
// Combines the tests of one family.
FamilyFinding finding_of(const std::vector<TestResult>& tests, TensorFamily family);
// Which tests of a component stand out. `elsewhere`: in another basis than the one of the findings,
// where hits are named too.
std::string standing_out(const std::vector<TestResult>& tests, Component component,
                         bool elsewhere = false);

// Weighs `tests`, all run in one basis. `bases`: how many were or could have been tried.
// `own_places`: the basis leaves coordinates where they are, as it would for two trainings from one
// initialisation.
Findings find_families(std::vector<TestResult>& tests, double bases, bool own_places = true);

}  // namespace wmk::lineage
