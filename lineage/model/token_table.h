// Tokens of two vocabularies that decode to the same bytes (specs/lineage.md 2).
//
// Purpose: byte-level BPE and sentencepiece spell the same token differently, so decoded bytes are
// compared. Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/text/tokenizer.h"

namespace wmk::lineage {

enum class Spelling { plain, byte_level, sentencepiece };
Spelling spelling_of(const checkpoint::Vocabulary& vocabulary);
// The bytes of a token; special tokens keep their spelling.
std::string decoded(std::string_view token, Spelling spelling);

struct TokenTable {
  std::vector<std::pair<uint64_t, uint64_t>> rows;  // suspect, reference; ascending by suspect
  bool by_number = false;                           // rows are matched by their numbers
};
TokenTable match_rows(size_t suspect_rows, size_t reference_rows);
// By what they decode to; by number if a tokenizer is missing. The nth token of a label in one
// model is matched with the nth of that label in the other.
TokenTable match_tokens(const checkpoint::Vocabulary& suspect,
                        const checkpoint::Vocabulary& reference);

}  // namespace wmk::lineage
