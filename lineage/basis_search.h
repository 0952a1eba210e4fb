// Runs the tests in the models' own basis and, unless the matter is settled, in bases that the
// embeddings suggest (specs/lineage.md 4).
//
// Lifetime: values; the models must stay open during the call. Thread-safety: one caller; brings
// its own workers.
#pragma once

#include "lineage/compare.h"

namespace wmk::lineage {

// The most conclusive comparison, judged; what other bases show is part of the judgement.
Result<Comparison> search_bases(const ModelPair& pair);

}  // namespace wmk::lineage
