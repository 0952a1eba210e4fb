// trace in logits: whose copy gave them (specs/output.md 6.2).
//
// Thread-safety: main thread only.
#pragma once

#include "cli/detect/logits_command.h"

namespace wmk::cli {

// Run in place of the command on weights; the answer is printed, the exit code returned. `base`:
// the release to subtract, or empty; `listed_min`: how many ids are listed.
int trace_logits(const LogitsInputs& inputs, const std::vector<std::string>& ids,
                 const std::string& base, size_t listed_min, const crypto::SecretBytes& key,
                 const CommonOptions& common);

}  // namespace wmk::cli
