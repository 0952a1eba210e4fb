// The flags of a rule, and which role may have which (specs/naming.md 1).
//
// Thread-safety: pure functions.
#pragma once

#include <string_view>

#include "checkpoint/naming/naming.h"

namespace wmk::checkpoint {

// Whether a rule of this role may name this part of attention.
bool may_be(Role role, AttentionPart part);

// Sets the flag `word` if the role of the rule may have it.
bool set_flag(Rule& rule, std::string_view word);

// What is wrong with the numbers in the pattern of this role; empty: nothing.
std::string_view number_fault(const Rule& rule);

}  // namespace wmk::checkpoint
