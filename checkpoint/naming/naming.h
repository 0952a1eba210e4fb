// Naming rules: which tensor has which role (checkpoint/naming/*.rules).
//
// Purpose: a family of architectures with the same names is one small text file. Rules depend on
// names only. Syntax and roles: specs/naming.md.
// Lifetime: a NamingFamily owns its rules. Thread-safety: immutable after parse.
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
  ffn_post_norm,  // norm before the FFN; norm after it
  router,
  attention,
  norm,
  bias,
  other,  // recognised, not read by the mark
};
std::string_view to_string(Role role);

// Which matrix or norm of attention a tensor is, where the rule says so (specs/naming.md 1).
enum class AttentionPart : uint8_t {
  none,
  query,
  key,
  value,
  second_value,  // values of the second half of the heads, where two tensors hold them
  out,
  qkv,          // one tensor that holds query, key and value
  key_value,    // one that holds keys, then values
  query_down,   // from the residual stream to a latent of queries
  query_up,     // from there to queries
  latent_down,  // of latent attention: from the residual stream to the latent, then rotary keys
  latent_up,    // from the latent to keys and values, head by head
  value_up,     // from the latent to values
  norm,         // before attention
  post_norm,    // after attention
  latent_norm,
  query_norm,  // of the latent of queries
};
// As in rules files: "value", "before_attention".
std::optional<AttentionPart> parse_attention_part(std::string_view word);
constexpr bool is_attention_norm(AttentionPart part) { return part >= AttentionPart::norm; }

struct Rule {
  Role role = Role::other;
  std::string pattern;       // canonical name, '#' for each number ("layers.#.mlp.up_proj")
  size_t numbers = 0;        // '#' in it: the layer, or layer and expert
  std::string part;          // a stack of layers, or a branch of a layer, with its own norms
  bool transposed = false;   // stored as [in, out]
  bool stacked = false;      // the first dimension is the expert, after that of all_layers
  bool all_layers = false;   // the first dimension is the layer
  bool interleaved = false;  // gate_up: even rows are gate, odd rows up; else gate rows, then up
  bool up_first = false;     // gate_up: the up rows come first
  bool one_plus = false;     // the norm weight is 1 + w
  bool shared = false;       // belongs to a shared expert
  bool latent = false;       // not read where it is narrower or wider than the residual stream
  bool optional = false;     // norm: a layer may lack it; matrix: its group may be incomplete
  bool unless_post = false;  // ffn_norm: not where the layer has a norm after the FFN
  bool by_order = false;     // the layer is the place of this pattern among those of its role
  uint64_t place = 0;        // with by_order
  AttentionPart attention = AttentionPart::none;
  bool by_group = false;    // qkv: for each key head its queries, key and value; else all of each
  bool gate_first = false;  // qkv: rows of a gate, as many as of queries, come first
  bool quarters = false;    // qkv: for each quarter of the heads queries, values and keys

  bool names_layer() const { return !all_layers && !by_order; }  // the first '#' is the layer
};

// The name of a tensor without wrappers ("model.", "language_model.", ".weight", ...), with each
// number replaced by '#'.
struct CanonicalName {
  std::string pattern;
  std::vector<uint64_t> numbers;
  bool is_bias = false;
};
CanonicalName canonical_name(std::string_view tensor_name);

// How the names of a checkpoint differ from those in patterns.
struct Spelling {
  std::string separators;             // characters that stand for dots
  std::vector<std::string> prefixes;  // removed from the front
};
CanonicalName canonical_name(std::string_view tensor_name, const Spelling& spelling);
// Bytes of the wrappers in front of a name ("model.", "module.model.").
size_t wrapper_length(std::string_view tensor_name);

class NamingFamily {
 public:
  // `source` names the text in errors ("my.rules").
  static Result<NamingFamily> parse(std::string_view text, std::string_view source);

  const std::string& name() const { return name_; }
  const std::vector<std::string>& model_types() const { return model_types_; }
  // By canonical name, or a name whose last number is spelled out.
  const Rule* find(std::string_view pattern) const;
  bool covers(std::string_view model_type) const;
  const Spelling& spelling() const { return spelling_; }
  // Why heads of this family are not read; empty: they are, if rules name them.
  const std::string& no_heads() const { return no_heads_; }
  // Of all its rules, in no order.
  std::vector<std::string_view> patterns() const;
  // Whether a rule has this role.
  bool has(Role role) const;
  // Whether every layer of this part must have a tensor of this role.
  bool needs(Role role, std::string_view part) const;

 private:
  friend class RulesParser;
  std::string name_;
  std::vector<std::string> model_types_;
  Spelling spelling_;
  std::string no_heads_;
  struct Part {
    std::string name;
    uint32_t roles = 0;     // bit set
    uint32_t optional = 0;  // of these
  };
  std::vector<Part> parts_;
  std::unordered_map<std::string, Rule> rules_;
};

// The families that come with the program, in the order of checkpoint/naming/catalogue.
const std::vector<NamingFamily>& families();

}  // namespace wmk::checkpoint
