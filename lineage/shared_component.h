// What a component beside the language model adds to the verdict (specs/lineage.md 13, 14).
//
// Purpose: a tower or a token embedding may come from a public model that both sides used. If it
// agrees and the language model does not, that is a verdict of its own, which names the component
// and does not speak about the rest. Thread-safety: pure functions.
#pragma once

#include "lineage/verdict.h"

namespace wmk::lineage {

// Weighs the results of these tests and amends the judgement on the language model. `tower`: how a
// shared tower is named.
void judge_beside(std::vector<TestResult>& tests, const std::string& tower,
                  LineageJudgement& judgement);

}  // namespace wmk::lineage
