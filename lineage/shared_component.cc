#include "lineage/shared_component.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::lineage {

namespace {

// Four families of the language model, two of towers, the embedding (with tokens by string or by
// number); each is compared once, in its own coordinates.
constexpr double kBesideTried = 8;

bool has_family(const std::vector<TestResult>& tests, TensorFamily family) {
  return std::any_of(tests.begin(), tests.end(),
                     [&](const TestResult& test) { return test.family == family; });
}

}  // namespace

void judge_beside(std::vector<TestResult>& tests, const std::string& tower,
                  LineageJudgement& judgement) {
  using enum LineageVerdict;
  for (TestResult& test : tests) weigh(test, kBesideTried);
  std::vector<FamilyFinding> found;
  for (const auto family :
       {TensorFamily::tower_attention, TensorFamily::tower_ffn, TensorFamily::embedding}) {
    found.push_back(finding_of(tests, family));
    if (has_family(tests, family)) judgement.families.push_back(found.back());
  }
  if (found[0].null && found[1].null && judgement.verdict == derived) {
    judgement.reason += "; the other tower shows nothing in its own coordinates";
  }
  // Two families are needed here too; the places of coordinates are one exact test of all of them.
  std::string agrees = found[0].hit && found[1].hit ? tower : "";
  const bool by_tower = !agrees.empty();
  if (found[2].hit) agrees += cat(agrees.empty() ? "" : " and ", "the token embedding");
  if (agrees.empty()) return;
  const bool is_open =
      judgement.verdict == no_shared_weights || judgement.verdict == not_enough_evidence;
  if (is_open && judgement.is_silent) {
    judgement.verdict = shared_component;
    judgement.rule = VerdictRule::other_component;
    judgement.component = agrees;
    judgement.reason = cat(agrees, by_tower && found[2].hit ? " agree" : " agrees",
                           "; this does not speak about the rest, of which: ", judgement.reason);
    return;
  }
  if (by_tower || is_open) {
    judgement.reason +=
        cat("; ", agrees, by_tower && found[2].hit ? " agree" : " agrees", " as well");
  }
}

}  // namespace wmk::lineage
