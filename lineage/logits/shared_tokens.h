// The tokens that logits and a reference's output head have in common (specs/logits_lineage.md 1).
//
// Thread-safety: pure functions and values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wmk::lineage {

// A column of the logits and the row of the reference's head with the same label.
struct SharedToken {
  uint32_t column = 0, row = 0;
};

struct SharedTokens {
  std::vector<SharedToken> trained;  // by column
  // By column: no text contains these tokens. The kind that has most: those of different kinds may
  // have begun with different numbers, and then be told apart in unrelated models.
  std::vector<SharedToken> untouched;
};

// Labels as `checkpoint::Vocabulary` spells them, "#id" where a row has no token. The nth column of
// a label belongs to the nth row of that label.
SharedTokens shared_tokens(const std::vector<std::string>& columns,
                           const std::vector<std::string>& rows);

// Why no training text contains the token of this row: it has none, or a special one that is kept
// in reserve by its name ("<|reserved_special_token_7|>", "[unused3]"). nullopt: texts may contain
// it.
enum class UntouchedKind : uint8_t { no_token, reserved, unused, placeholder, dummy };
std::optional<UntouchedKind> untouched_kind(std::string_view label, uint32_t row);

}  // namespace wmk::lineage
