// The steps of marking: output head, FFN and heads, in this order (specs/mark.md 5, specs/output.md
// 2).
//
// Lifetime: a run refers to its parts. Thread-safety: one caller; starts its own workers.
#pragma once

#include "checkpoint/write/copy.h"
#include "embed/mark/embedder.h"

namespace wmk::embed {

// One run of embed(): its inputs, the copy that it writes, and what it finds. The sites to mark are
// those of the result.
struct MarkingRun {
  const checkpoint::Checkpoint& checkpoint;
  const checkpoint::Anatomy& anatomy;
  const std::vector<std::string>& labels;
  const MarkPlan& plan;
  const EmbedRequest& request;
  checkpoint::CheckpointCopy& copy;
  EmbedResult& result;
  Resumption& resumption;
};

// (all) Divides the files, once the first process has made them and marked the output head.
Status share_files(const MarkingRun& run);

// The output head. It comes first: a tied embedding gives the frames.
Status mark_output(const MarkingRun& run);
// Frames on the embedding of the marked model, which is that of the source unless the head is tied.
Result<std::vector<Structure>> marked_structures(const MarkingRun& run);
// The FFN and the heads of attention, file by file; everything else is copied, apart from the
// output head.
Status mark_weights(const MarkingRun& run, const std::vector<Structure>& structures);

// Reads the marked sites of `written`: the output head only if the request asks for it. Error
// (unsupported): the mark of the FFN is not found.
Status read_back_sites(const MarkingRun& run, const checkpoint::Checkpoint& written,
                       const std::vector<Structure>& structures);

}  // namespace wmk::embed
