// Output heads read along each licensee's own directions (specs/licensees.md 2.4).
//
// Purpose: such a reading takes millions of operations for each id, so of a long list only the ids
// that showed something elsewhere are read. An id that is not read has no score. Lifetime: owns its
// scores. Thread-safety: one caller; starts its own workers.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "crypto/secret.h"
#include "embed/licensees/own_directions.h"
#include "embed/licensees/scores.h"

namespace wmk::verify {

using OwnHeads = std::vector<const embed::OwnDirections*>;

class OwnScores {
 public:
  // `first`: scores of all ids in the first round. They choose who is read: each id by its own.
  OwnScores(const OwnHeads& heads, const crypto::SecretBytes& trace,
            std::span<const std::string> ids, const embed::CodeScores& first, unsigned threads);

  // Appends those of the ids with these numbers to the scores of the output head, one head after
  // the other; NaN where there is none.
  void append_to(embed::CodeScores& scores, std::span<const size_t> numbers) const;

 private:
  std::vector<std::vector<double>> z_;  // by head, by number
};

}  // namespace wmk::verify
