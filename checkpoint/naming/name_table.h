// The canonical names of all tensors, with every pattern stored once.
//
// Purpose: a checkpoint of 70,000 tensors has a few dozen patterns; families are tested on these.
// Lifetime: owns its text. Thread-safety: immutable after make().
#pragma once

#include <string>
#include <vector>

#include "checkpoint/naming/naming.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

// A name's pattern, as a rule may spell it.
struct NamePattern {
  std::string canonical;  // "h.#.ffn.#"
  std::string spelled;    // "h.#.ffn.0": the last number as a digit; empty where it has more digits
};

// A CanonicalName whose pattern is an index into NameTable::patterns.
struct IndexedName {
  size_t pattern = 0;
  std::vector<uint64_t> numbers;
  bool is_bias = false;
};

struct NameTable {
  std::vector<IndexedName> entries;   // by tensor
  std::vector<NamePattern> patterns;  // distinct

  static NameTable make(const std::vector<Tensor>& tensors);
  // Of names that are canonical already; no rule applies to an empty one.
  static NameTable of(std::vector<CanonicalName> names);
  // No rule applies to this tensor any more.
  void hide(size_t tensor);
  // The family's rule of each pattern, or null.
  std::vector<const Rule*> rules_of(const NamingFamily& family) const;
};

// The role of a tensor, given the rule of its pattern.
inline std::optional<Role> role_of(const IndexedName& entry, const Rule* rule) {
  if (rule == nullptr) return std::nullopt;
  return entry.is_bias ? Role::bias : rule->role;
}

inline bool is_ffn_matrix(Role role) {
  return role == Role::ffn_gate || role == Role::ffn_up || role == Role::ffn_down ||
         role == Role::ffn_gate_up;
}

}  // namespace wmk::checkpoint
