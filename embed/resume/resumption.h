// An embedding that can go on after an interruption (specs/resume.md).
//
// Purpose: keeps the journal beside the unfinished output, and verifies what an earlier run has
// finished. Lifetime: refers to the copy until publication. Thread-safety: one caller; starts its
// own workers.
#pragma once

#include <optional>

#include "base/progress.h"
#include "checkpoint/write/copy.h"
#include "embed/resume/journal.h"

namespace wmk::embed {

struct ResumeRequest {
  const checkpoint::Checkpoint& source;
  const crypto::SecretBytes& master;
  bool replace = false;  // --force: without `run`, discard what was interrupted
  std::optional<RunIdentity> run = std::nullopt;  // none: keep no journal
  unsigned threads = 1;
  Progress* progress = nullptr;
};

// What was taken over.
struct ResumeReport {
  size_t shards = 0;                   // of the output
  size_t kept = 0;                     // finished before, and verified
  std::vector<std::string> rewritten;  // finished before, but changed since: written again
};

class Resumption {
 public:
  // Starts `copy`, or goes on with what an earlier run left. Errors: without `run` and `replace`,
  // shards that an earlier run has finished; a run that differs from the one that is to go on.
  static Result<Resumption> begin(checkpoint::CheckpointCopy& copy, const ResumeRequest& request);
  // Nothing is kept: for a checkpoint in memory.
  Resumption() = default;

  const ResumeReport& report() const { return report_; }
  // What the journal says about a stage; null: it was not done.
  const StageChange* recorded(size_t stage) const;
  // A stage is done, and with it these files (Tensor::file) are complete.
  Status finish_stage(size_t stage, const StageChange& change, const std::vector<size_t>& files);

  // The run failed before publication: finished shards stay, with a hint, after a failure of the
  // system, and are removed with everything else after any other.
  Error fail(Error error);
  // The output has its final name.
  void done();

 private:
  Status read_journal(const RunIdentity& run);
  Result<std::vector<bool>> verified_shards();
  Status save();

  checkpoint::CheckpointCopy* copy_ = nullptr;
  const checkpoint::Checkpoint* source_ = nullptr;
  const crypto::SecretBytes* master_ = nullptr;
  std::filesystem::path path_;  // of the journal; empty: none is kept
  unsigned threads_ = 1;
  Progress* progress_ = nullptr;
  Journal journal_;
  size_t stages_before_ = 0;  // that an earlier run has done
  ResumeReport report_;
};

}  // namespace wmk::embed
