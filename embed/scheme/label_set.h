// The set of a tokenizer's labels, as hashes (specs/mark-record.md 1.4).
//
// Purpose: the record tells whether a suspect has the release's tokenizer, without its strings.
// Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "checkpoint/text/tokenizer.h"

namespace wmk::embed {

// LE64(BLAKE2b-64(label)), without a key.
uint64_t label_hash(std::string_view label);

// The hashes of all rows that have a token, sorted, each once.
std::vector<uint64_t> label_hashes(const checkpoint::Vocabulary& vocabulary);

// How much two sets (as above) differ: the larger of the parts of one that the other lacks. 0 to 1;
// 0 for two empty sets.
double label_difference(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b);

}  // namespace wmk::embed
