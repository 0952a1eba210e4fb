// Scores of many licensees: how well their codes agree with what was read (specs/licensees.md 2).
//
// Purpose: a million licensees in a second or two. The streams of eight ids are hashed side by
// side, and a sum of 4096 signed terms is one of 512 looked-up terms, one for each byte of the
// code. Thread-safety: pure function; starts its own workers; the same result for any number of
// them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "crypto/secret.h"

namespace wmk::embed {

enum class CodeSite { ffn, output };  // the streams `code` and `code/output`

// z = <code, s> / ||s|| of each id, for each of `sums` (of kCodeBits sums; specs/mark.md 6.5): by
// sums, by id. 0 where all sums are. `trace` is the key S_t.
std::vector<std::vector<double>> code_scores(const crypto::SecretBytes& trace, CodeSite site,
                                             std::span<const std::string> ids,
                                             std::span<const std::vector<double>> sums,
                                             unsigned threads);

}  // namespace wmk::embed
