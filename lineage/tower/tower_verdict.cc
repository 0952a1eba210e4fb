// What another tower adds to the verdict (specs/lineage.md 13).
#include <algorithm>

#include "base/text.h"
#include "lineage/tower/tower.h"

namespace wmk::lineage {

void judge_tower(std::vector<TestResult>& tests, Judgement& judgement) {
  // Six families may be tried; towers are compared once, in their own coordinates.
  constexpr double kTowerTried = 6;
  for (TestResult& test : tests) weigh(test, kTowerTried);
  std::vector<FamilyFinding> found;
  for (const auto family : {FamilyOfTensors::tower_attention, FamilyOfTensors::tower_ffn}) {
    found.push_back(finding_of(tests, family));
  }
  const auto& old = judgement.families;
  // Gains have a floor and say nothing here; biases that agree do.
  const bool model_is_new = std::all_of(old.begin(), old.end(), [](const FamilyFinding& f) {
    const bool is_gains = f.family == FamilyOfTensors::gains;
    return !f.comparable || f.null || (is_gains && f.log10_p > kLog10Hit);
  });
  judgement.families.insert(judgement.families.end(), found.begin(), found.end());
  if (found[0].null && found[1].null && judgement.verdict == Verdict::derived) {
    judgement.reason += "; the other tower is new";
  }
  if (!found[0].hit || !found[1].hit) return;  // two families, here too
  if (model_is_new && !judgement.control_failed) {
    const bool is_null = judgement.verdict == Verdict::no_shared_weights;
    judgement.reason =
        cat("another tower comes from the reference; of the language model: ", judgement.reason);
    judgement.verdict = is_null || judgement.verdict == Verdict::not_enough_evidence
                            ? Verdict::partly_derived
                            : judgement.verdict;
    return;
  }
  judgement.reason += "; the other tower agrees as well";
}

}  // namespace wmk::lineage
