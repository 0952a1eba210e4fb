// T2, in place: do the token embeddings agree, coordinate by coordinate? (specs/lineage.md 14)
//
// Purpose: an embedding may come from a public model that both sides used. It is judged by itself
// and says nothing about the rest. In independent trainings the order of residual coordinates is
// random: for some coordinates of the suspect the closest one of the reference is searched, and
// those in the same place are counted. Exact. Only in the models' own coordinates. Lifetime:
// values. Thread-safety: brings its own workers, same bits for any number of them.
#pragma once

#include "lineage/evidence.h"
#include "lineage/model/model_pair.h"

namespace wmk::lineage {

inline constexpr std::string_view kEmbeddingName = "T2 embedding in place";

Result<TestResult> embedding_places(const ModelPair& pair);

}  // namespace wmk::lineage
