// Embedding: from a checkpoint and a key to a marked copy and its record.
//
// Purpose: plan first (writes nothing), then run. The copy has the same files, names and sizes;
// everything that is not marked is copied byte for byte. The mark is read back before the copy gets
// its name. On error, no output is left, unless shards are kept for a run that goes on
// (embed/resume/resumption.h).
// Lifetime: values. Thread-safety: one caller; starts its own workers.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/progress.h"
#include "checkpoint/layout/anatomy.h"
#include "checkpoint/text/tokenizer.h"
#include "checkpoint/write/companions.h"
#include "embed/mark/marker.h"
#include "embed/mark/read_back.h"
#include "embed/mark/site_plan.h"
#include "embed/output/output_marker.h"
#include "embed/resume/resumption.h"
#include "embed/scheme/record.h"
#include "embed/scheme/strength.h"
#include "embed/sites/site.h"

namespace wmk::embed {

struct EmbedRequest {
  const crypto::SecretBytes* master = nullptr;
  std::optional<double> strength;       // none: automatic
  std::optional<unsigned> shares;       // none: automatic
  std::optional<std::string> licensee;  // if set: the licensee's mark, not the ownership mark
  Sites sites = all_sites();
  bool read_back_output = false;  // costs rows x width^2 operations
  std::filesystem::path out;
  std::filesystem::path record;
  bool replace = false;  // replace existing outputs
  bool resume = false;   // keep a journal of finished shards, and go on where a run was interrupted
  // (all) Every process of mpirun marks the files that it owns, and the first one publishes.
  bool is_shared = false;
  // Change the checkpoint itself, which must be in memory: no `out`; a record only if one is named.
  bool in_place = false;
  checkpoint::CompanionChoices companions;
  bool allow_skipped = false;  // mark even if more than 5 % of the units are skipped
  unsigned threads = 1;
  // Twice the best size for reading, because rows of `down` are written one by one.
  uint64_t block_bytes = 2 * checkpoint::kBlockBytes;
  Progress* progress = nullptr;
  std::function<void(int step)> before_publish_step = nullptr;  // embed/mark/publish.h; for tests
  std::function<void(int stage)> after_stage = nullptr;         // embed/mark/stages.h; for tests
};

struct EmbedResult {
  SitePlans sites;
  Change change;       // of neurons
  Change head_change;  // units are query heads
  OutputChange output_change;
  ReadBackResult read_back;  // of the FFN, where it is marked
  std::vector<SiteReadBack> site_read_backs;
  checkpoint::Companions companions;
  uint64_t bytes_written = 0;
  ResumeReport resume;
};

// A larger part of skipped units is an error.
inline constexpr double kSkippedPartMax = 0.05;

// Error with a hint if the container format is read-only here, or if FFN weights are quantised:
// only plain floating-point weights can be marked.
Status check_markable(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
                      const Sites& sites = all_sites());

// Strength and shares for this model and request. Errors: a strength or a number of shares outside
// its limits; an empty licensee id; too many units in parts that cannot be read.
Result<MarkPlan> plan_embedding(const checkpoint::Anatomy& anatomy, const EmbedRequest& request);

// `plan` is the result of plan_embedding for the same request. Errors, besides those of reading and
// writing: companions that need a choice (checkpoint/write/companions.h); too many skipped units; a
// mark that is not found in the copy; no site that can be marked.
Result<EmbedResult> embed(const checkpoint::Checkpoint& checkpoint,
                          const checkpoint::Anatomy& anatomy,
                          const checkpoint::Vocabulary& vocabulary, const MarkPlan& plan,
                          const EmbedRequest& request);

}  // namespace wmk::embed
