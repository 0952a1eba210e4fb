// Embedding: from a checkpoint and a key to a marked copy and its record.
//
// Purpose: plan first (nothing is written), then run. The copy has the same files, names and sizes;
// everything that is not marked is copied byte for byte. It appears whole or not at all.
// Lifetime: a value each. Thread-safety: one caller; brings its own workers.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/progress.h"
#include "checkpoint/layout/anatomy.h"
#include "checkpoint/text/tokenizer.h"
#include "embed/mark/marker.h"
#include "embed/scheme/record.h"
#include "embed/scheme/strength.h"

namespace wmk::embed {

struct EmbedRequest {
  const crypto::SecretBytes* master = nullptr;
  std::optional<double> strength;       // none: automatic
  std::optional<unsigned> shares;       // none: automatic
  std::optional<std::string> licensee;  // marks this licensee's copy instead of the ownership mark
  std::filesystem::path out;
  std::filesystem::path record;
  bool replace = false;  // existing outputs
  unsigned threads = 1;
  // Twice what reading likes best: rows of `down` are written one by one.
  uint64_t block_bytes = 2 * checkpoint::kBlockBytes;
  Progress* progress = nullptr;
};

struct EmbedResult {
  Change change;
  uint64_t bytes_written = 0;
  std::vector<std::string> notes;  // companions that were left out, units that were skipped
};

// An Error with advice for a container that is only read, and for FFN weights that are not stored
// as plain numbers: integers and blocks have no room for a mark.
Status check_markable(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy);

// Strength and shares for this model and request; errors: strength, shares, a type that cannot be
// marked.
Result<MarkPlan> plan_embedding(const checkpoint::Anatomy& anatomy, const EmbedRequest& request);

Result<EmbedResult> embed(const checkpoint::Checkpoint& checkpoint,
                          const checkpoint::Anatomy& anatomy,
                          const checkpoint::Vocabulary& vocabulary, const MarkPlan& plan,
                          const EmbedRequest& request);

}  // namespace wmk::embed
