// The words for verdicts, rules and families, on the terminal, on the page and in JSON.
//
// Purpose: one table, so that no two outputs say different things. Lifetime: literals.
// Thread-safety: pure functions.
#pragma once

#include <span>
#include <string>

#include "lineage/evidence.h"
#include "lineage/verdict.h"

namespace wmk::lineage {

struct VerdictWording {
  std::string_view code;      // "partly_derived": in JSON
  std::string_view name;      // "partly derived": the first words of the answer
  std::string_view headline;  // one sentence, lower case, without a full stop
  std::string_view meaning;
  std::string_view caveat;  // what the verdict does not mean
};
const VerdictWording& wording_of(LineageVerdict verdict);

// One sentence for each VerdictRule, in their order.
std::span<const std::string_view> rule_sentences();

// "Attention, value and output (v/o)".
std::string_view description_of(TensorFamily family);

}  // namespace wmk::lineage
