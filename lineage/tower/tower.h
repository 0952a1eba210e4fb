// Do the models share another tower beside the language model (vision, audio)?
// (specs/lineage.md 13)
//
// Purpose: among tensors that no naming rule recognises, finds blocks with plain attention and MLPs
// that have the same names and shapes in both models. Two exact tests, each a family: signs of head
// dimensions (v row with o column), and neurons that are in the same place. Lifetime: values.
// Thread-safety: brings its own workers, same bits for any number of them.
#pragma once

#include "lineage/evidence.h"
#include "lineage/tests/row_signs.h"

namespace wmk::lineage {

struct TowerResults {
  std::vector<TestResult>
      tests;         // of both families; none if the models have no such tower in common
  std::string name;  // "the vision tower (visual.blocks)"; names are escaped
};
Result<TowerResults> tower_results(const ModelPair& pair);

}  // namespace wmk::lineage
