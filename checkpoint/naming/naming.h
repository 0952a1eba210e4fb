// Naming rules: which tensor plays which role, as data (checkpoint/naming/*.rules).
//
// Purpose: a family of architectures is one small text file; a new family is a new file. Rules know
// names, never bytes. Syntax and roles: specs/naming.md.
// Lifetime: a Family owns its rules. Thread-safety: immutable after parse.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace wmk::checkpoint {

enum class Role : uint8_t {
  token_embedding,
  position_embedding,
  head,
  ffn_gate,
  ffn_up,
  ffn_down,
  ffn_gate_up,  // gate_up: one tensor that holds both
  ffn_norm,
  ffn_post_norm,  // gain in front of the FFN; gain behind it
  router,
  attention,
  norm,
  bias,
  other,  // recognised, not read by the mark
};
std::string_view name(Role role);

struct Rule {
  Role role = Role::other;
  std::string pattern;       // canonical name, '#' for each number ("layers.#.mlp.up_proj")
  bool transposed = false;   // stored [in, out]
  bool stacked = false;      // first dimension counts experts
  bool interleaved = false;  // gate_up: even output rows gate, odd rows up; else gate rows, then up
  bool one_plus = false;     // the gain is 1 + w
  bool shared = false;       // a shared expert's
};

// A tensor's name without wrappers ("model.", "language_model.", ".weight", ...), each number
// replaced by '#', and those numbers.
struct CanonicalName {
  std::string pattern;
  std::vector<uint64_t> numbers;
  bool is_bias = false;
};
CanonicalName canonical_name(std::string_view tensor_name);

class Family {
 public:
  // `source` names the text in errors ("my.rules").
  static Result<Family> parse(std::string_view text, std::string_view source);

  const std::string& name() const { return name_; }
  const std::vector<std::string>& model_types() const { return model_types_; }
  const Rule* find(std::string_view pattern) const;
  bool covers(std::string_view model_type) const;
  // Some rule gives this role.
  bool has(Role role) const { return roles_ >> static_cast<unsigned>(role) & 1; }

 private:
  friend class RulesParser;
  std::string name_;
  std::vector<std::string> model_types_;
  uint32_t roles_ = 0;  // bit set
  std::unordered_map<std::string, Rule> rules_;
};

// The families we ship, in catalogue order.
const std::vector<Family>& families();

}  // namespace wmk::checkpoint
