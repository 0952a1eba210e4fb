// Where the elements of units are in every tiny architecture, independent of the naming rules and
// of the strides of a View.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace wmk::test {

// A tensor and the index of (unit i, coordinate c) in it, one word per dimension: "i c", "e c
// 2i+1", "i+I c". Expert e; I is the number of units.
struct Spot {
  std::string name;
  std::string index;
};

// Tensors of the norms before and after the FFN. Empty: none; "1+" in front: one plus.
struct Norms {
  std::string in, out;
};

// 'd'ense, 's'hared, s't'acked shared or routed 'e'xperts, in all layers ('l'), the 'f'irst one or
// the 'r'est.
struct Kind {
  char who;
  char layers;
  char units;  // 'I', 'M', 'S', or 'X': E * M
  Spot gate, up, down;
  std::string part = {};
  std::optional<Norms> norms = {};  // where not those of the family
};

struct Expected {
  std::string architecture;
  std::string family;
  std::string alone;  // the family chosen without config.json
  std::vector<Kind> kinds;
  std::string in_norm, out_norm;  // as in Norms
};

std::vector<Expected> expected_views();
// The parts of it: expected_views_dense.cc, expected_views_ungated.cc, expected_views_moe.cc,
// expected_views_more.cc, expected_views_norms.cc, expected_views_gguf.cc.
std::vector<Expected> expected_dense();
std::vector<Expected> expected_without_gate();
std::vector<Expected> expected_with_experts();
std::vector<Expected> expected_with_other_stacks();
std::vector<Expected> expected_with_other_names();
std::vector<Expected> expected_with_other_norms();
std::vector<Expected> expected_in_gguf();

// Short forms for rows.
inline Kind gated(char who, char layers, char units, const std::string& prefix) {
  return {who,
          layers,
          units,
          {prefix + ".gate_proj.weight", "i c"},
          {prefix + ".up_proj.weight", "i c"},
          {prefix + ".down_proj.weight", "c i"}};
}

inline Kind w132(char who, char units, const std::string& prefix) {
  return {who,
          'l',
          units,
          {prefix + ".w1.weight", "i c"},
          {prefix + ".w3.weight", "i c"},
          {prefix + ".w2.weight", "c i"}};
}

inline Kind two(const std::string& up, const std::string& down) {
  return {'d', 'l', 'I', {}, {up + ".weight", "i c"}, {down + ".weight", "c i"}};
}

inline Kind halves(char who, char units, const std::string& both, const std::string& down) {
  return {who, 'l', units, {both, "i c"}, {both, "i+I c"}, {down, "c i"}};
}

inline Kind stacked(char layers, const std::string& both, const std::string& down) {
  return {'e', layers, 'M', {both, "e i c"}, {both, "e i+I c"}, {down, "e c i"}};
}

inline const std::string kLayer = "model.layers.{l}.";
inline const std::string kH = "transformer.h.{l}.";
inline const std::string kMlp = kLayer + "mlp";
inline const std::string kPost = kLayer + "post_attention_layernorm.weight";
inline const std::string kPre = kLayer + "pre_feedforward_layernorm.weight";
inline const std::string kBehind = kLayer + "post_feedforward_layernorm.weight";

}  // namespace wmk::test
