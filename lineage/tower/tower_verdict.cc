// What another tower adds to the verdict (specs/lineage.md 13).
#include <algorithm>

#include "base/text.h"
#include "lineage/tower/tower.h"

namespace wmk::lineage {

void judge_tower(std::vector<TestResult>& tests, LineageJudgement& judgement) {
  // Corrects for six families; towers are compared once, in their own coordinates.
  constexpr double kTowerTried = 6;
  for (TestResult& test : tests) weigh(test, kTowerTried);
  std::vector<FamilyFinding> found;
  for (const auto family : {TensorFamily::tower_attention, TensorFamily::tower_ffn}) {
    found.push_back(finding_of(tests, family));
  }
  const auto& old = judgement.families;
  // A p that has a floor does not count against a new model; agreeing biases do.
  const bool model_is_new = std::all_of(old.begin(), old.end(), [](const FamilyFinding& f) {
    const bool is_norms = f.family == TensorFamily::norm_weights;
    return !f.comparable || f.null || (is_norms && f.log10_p > kLog10Hit);
  });
  judgement.families.insert(judgement.families.end(), found.begin(), found.end());
  if (found[0].null && found[1].null && judgement.verdict == LineageVerdict::derived) {
    judgement.reason += "; the other tower is new";
  }
  if (!found[0].hit || !found[1].hit) return;  // two families are needed here too
  if (model_is_new && !judgement.control_failed) {
    judgement.reason =
        cat("another tower comes from the reference; of the language model: ", judgement.reason);
    if (judgement.verdict == LineageVerdict::no_shared_weights ||
        judgement.verdict == LineageVerdict::not_enough_evidence) {
      judgement.verdict = LineageVerdict::partly_derived;
      judgement.rule = VerdictRule::one_component;
    }
    return;
  }
  judgement.reason += "; the other tower agrees as well";
}

}  // namespace wmk::lineage
