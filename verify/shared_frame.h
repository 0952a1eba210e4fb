// The frame of shared strings: for a suspect whose tokenizer was replaced (specs/verdicts.md 2).
//
// Purpose: tokens that both vocabularies have mostly keep their rows. The frame is made of these
// rows alone, so it needs the release's labels but neither its weights nor its own frame.
// Thread-safety: pure functions; shared_structures starts its own workers.
#pragma once

#include <cstdint>
#include <vector>

#include "verify/frame_source.h"

namespace wmk::verify {

// The suspect's rows that have a token whose label is among `release` (embed::label_hashes).
struct SharedRows {
  std::vector<bool> used;  // by row
  uint64_t count = 0;
  uint64_t named = 0;  // rows that have a token
  // Every token is shared: the frame would be that of the suspect's own strings.
  bool are_all() const { return count == named; }
};
SharedRows shared_rows(const checkpoint::Vocabulary& vocabulary,
                       const std::vector<uint64_t>& release);

// The structures of the given shares. Errors: as make_structures(); too few shared tokens.
Result<std::vector<embed::Structure>> shared_structures(const Subject& subject,
                                                        const std::vector<uint64_t>& release,
                                                        const std::vector<unsigned>& shares,
                                                        const DetectRequest& request);

}  // namespace wmk::verify
