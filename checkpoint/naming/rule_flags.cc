#include "checkpoint/naming/rule_flags.h"

namespace wmk::checkpoint {

namespace {

bool is_matrix(Role role) {
  return role == Role::ffn_gate || role == Role::ffn_up || role == Role::ffn_down ||
         role == Role::ffn_gate_up;
}

bool is_norm(Role role) { return role == Role::ffn_norm || role == Role::ffn_post_norm; }

}  // namespace

bool may_be(Role role, AttentionPart part) {
  if (role == Role::attention) return !is_attention_norm(part);
  if (role == Role::norm) return is_attention_norm(part);
  return role == Role::ffn_norm &&
         (part == AttentionPart::norm || part == AttentionPart::post_norm);
}

bool set_flag(Rule& rule, std::string_view word) {
  const bool is_attention = rule.role == Role::attention;
  if (word == "transposed" && (is_matrix(rule.role) || is_attention)) {
    return rule.transposed = true;
  }
  if (word == "by_group" && is_attention) return rule.by_group = true;
  if (word == "gate_first" && is_attention) return rule.gate_first = true;
  if (word == "quarters" && is_attention) return rule.quarters = true;
  if (word == "one_plus" && rule.role == Role::norm) return rule.one_plus = true;
  if (word == "stacked" && (is_matrix(rule.role) || is_attention)) return rule.stacked = true;
  if (is_matrix(rule.role) || is_norm(rule.role)) {
    if (word == "all_layers") return rule.all_layers = true;
    if (word == "by_order") return rule.by_order = true;
  }
  if (word == "shared" && is_matrix(rule.role)) return rule.shared = true;
  if (word == "interleaved" && rule.role == Role::ffn_gate_up) return rule.interleaved = true;
  if (word == "up_first" && rule.role == Role::ffn_gate_up) return rule.up_first = true;
  if (word == "unless_post" && rule.role == Role::ffn_norm) return rule.unless_post = true;
  if (word == "one_plus" && is_norm(rule.role)) return rule.one_plus = true;
  if (word == "latent" && is_matrix(rule.role)) return rule.latent = true;
  if (word == "optional" && (is_norm(rule.role) || is_matrix(rule.role))) {
    return rule.optional = true;
  }
  return false;
}

std::string_view number_fault(const Rule& rule) {
  const size_t numbers = rule.numbers;
  if (rule.role == Role::token_embedding && numbers != 0) return "holds a number";
  if (rule.all_layers && rule.by_order) return "has 'all_layers' and 'by_order'";
  if (!rule.names_layer() && numbers != 0) return "holds a '#' beside 'all_layers' or 'by_order'";
  if (!rule.names_layer()) return {};
  if (is_norm(rule.role) && numbers != 1) return "needs one '#', the layer";
  if (rule.attention != AttentionPart::none && numbers != 1 && numbers != 2) {
    return "needs one '#', the layer, or two, layer and block";
  }
  if (is_matrix(rule.role) && (rule.stacked || rule.shared) && numbers != 1) {
    return "needs one '#', the layer";
  }
  if (is_matrix(rule.role) && numbers != 1 && numbers != 2) {
    return "needs one '#', the layer, or two, layer and expert";
  }
  return {};
}

}  // namespace wmk::checkpoint
