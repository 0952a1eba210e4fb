// The record of a marking, from its plan and its structures (specs/mark-record.md).
//
// Thread-safety: pure function.
#pragma once

#include "embed/mark/embedder.h"

namespace wmk::embed {

// Without what was read back and the digest of the release. Takes the frames out of `structures`.
MarkRecord make_record(const checkpoint::Anatomy& anatomy, const checkpoint::Vocabulary& vocabulary,
                       const MarkPlan& plan, const SitePlans& sites, const EmbedRequest& request,
                       std::vector<Structure>& structures);

}  // namespace wmk::embed
