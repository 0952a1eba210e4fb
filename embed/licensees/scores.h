// Scores of many licensees: how well their codes agree with what was read (specs/licensees.md 2).
//
// Purpose: a million licensees in a second or two. The streams of four blocks are hashed side by
// side, those of both sites after one block of the key; a sum of 4096 signed terms is one of 1024
// looked-up terms, and four sums are looked up together.
// Thread-safety: pure function; starts its own workers; the same result for any number of them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/progress.h"
#include "crypto/secret.h"

namespace wmk::embed {

enum class CodeSite { ffn, output };  // the streams `code` and `code/output`

// Sums of kCodeBits slots (specs/mark.md 6.5), as many of a site as there are ways to read it.
struct CodeSums {
  std::vector<std::vector<double>> ffn, output;
};
// By sums, by id.
struct CodeScores {
  std::vector<std::vector<double>> ffn, output;
};

// z = <code, s> / ||s|| of each id, for each of the sums; 0 where all slots are. `trace` is the key
// S_t. `progress`: optional; a stage of as many steps as ids.
CodeScores code_scores(const crypto::SecretBytes& trace, std::span<const std::string> ids,
                       const CodeSums& sums, unsigned threads, Progress* progress = nullptr);

}  // namespace wmk::embed
