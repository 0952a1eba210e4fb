// One copy by several processes: who writes which file, and who counts what (specs/processes.md 3).
//
// Thread-safety: pure functions, apart from sum_stages().
#pragma once

#include <vector>

#include "checkpoint/checkpoint.h"
#include "embed/resume/journal.h"
#include "embed/resume/run_identity.h"

namespace wmk::embed {

// (all) Errors: a process that has another model, key, program or other options.
Status meet_on(const Result<RunIdentity>& own);

// The process that writes each file: runs of files with about the same number of bytes.
std::vector<unsigned> owners_of(const checkpoint::Checkpoint& checkpoint, unsigned processes);

// (all) `own`: what this process changed, by stage. Neurons that begin in a file are all marked by
// its owner, and heads of a stage by the owner of the file before, so their numbers count: sums are
// those of one process. On all processes: an error of one.
Result<std::vector<StageChange>> sum_stages(const std::vector<unsigned>& owners,
                                            Result<std::vector<StageChange>> own);

}  // namespace wmk::embed
