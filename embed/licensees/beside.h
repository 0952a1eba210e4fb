// What is left of sums beside licensees who are known (specs/licensees.md 2.4).
//
// Thread-safety: pure function.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "crypto/secret.h"
#include "embed/licensees/scores.h"

namespace wmk::embed {

// Takes from each of `sums` (of kCodeBits sums) its part in the span of the codes of `ids`.
void subtract_codes(const crypto::SecretBytes& trace, CodeSite site,
                    std::span<const std::string> ids, std::span<std::vector<double>> sums);

}  // namespace wmk::embed
