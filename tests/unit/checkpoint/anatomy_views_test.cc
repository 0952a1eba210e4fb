// Every architecture's views against a slow reading by hand: the table below says in words where an
// element of a unit is, and shares nothing with the rules or the strides.
#include <catch2/catch.hpp>
#include <map>
#include <sstream>

#include "base/text.h"
#include "checkpoint/anatomy.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using namespace wmk::test;

// A tensor and the index of (unit i, coordinate c) in it, one word a dimension: "i c", "e c 2i+1",
// "i+I c". Expert e; I is the number of units.
struct Spot {
  std::string name;
  std::string index;
};

// 'd'ense, 's'hared or routed 'e'xperts, in all layers ('l'), the 'f'irst one or the 'r'est.
struct Kind {
  char who;
  char layers;
  char units;  // 'I', 'M', 'S', or 'X': E * M
  Spot gate, up, down;
};

struct Expected {
  std::string architecture;
  std::string family;
  std::string alone;  // the family chosen without config.json
  std::vector<Kind> kinds;
  std::string in_gain, out_gain;  // empty: none; "1+" in front: one plus
};

Kind gated(char who, char layers, char units, const std::string& prefix) {
  return {who,
          layers,
          units,
          {prefix + ".gate_proj.weight", "i c"},
          {prefix + ".up_proj.weight", "i c"},
          {prefix + ".down_proj.weight", "c i"}};
}

Kind w132(char who, char units, const std::string& prefix) {
  return {who,
          'l',
          units,
          {prefix + ".w1.weight", "i c"},
          {prefix + ".w3.weight", "i c"},
          {prefix + ".w2.weight", "c i"}};
}

Kind two(const std::string& up, const std::string& down) {
  return {'d', 'l', 'I', {}, {up + ".weight", "i c"}, {down + ".weight", "c i"}};
}

Kind halves(char who, char units, const std::string& both, const std::string& down) {
  return {who, 'l', units, {both, "i c"}, {both, "i+I c"}, {down, "c i"}};
}

Kind stacked(char layers, const std::string& both, const std::string& down) {
  return {'e', layers, 'M', {both, "e i c"}, {both, "e i+I c"}, {down, "e c i"}};
}

const std::string kLayer = "model.layers.{l}.";
const std::string kH = "transformer.h.{l}.";
const std::string kMlp = kLayer + "mlp";
const std::string kPost = kLayer + "post_attention_layernorm.weight";
const std::string kPre = kLayer + "pre_feedforward_layernorm.weight";
const std::string kBehind = kLayer + "post_feedforward_layernorm.weight";

std::vector<Expected> dense_models() {
  const std::vector<Kind> mlp = {gated('d', 'l', 'I', kMlp)};
  const std::vector<Kind> fused = {
      halves('d', 'I', kMlp + ".gate_up_proj.weight", kMlp + ".down_proj.weight")};
  const std::string encoder = "transformer.encoder.layers.{l}.";
  return {
      {"llama", "llama", "llama", mlp, kPost, ""},
      {"qwen2", "llama", "llama", mlp, kPost, ""},
      {"qwen3", "llama", "llama", mlp, kPost, ""},
      {"gemma", "gemma", "llama", mlp, "1+" + kPost, ""},
      {"gemma2", "gemma2", "gemma2", mlp, "1+" + kPre, "1+" + kBehind},
      {"gemma3_text", "gemma2", "gemma2", mlp, "1+" + kPre, "1+" + kBehind},
      {"gemma3n_text", "gemma3n", "gemma3n", mlp, kPre, kBehind},
      {"vaultgemma", "vaultgemma", "vaultgemma", mlp, "1+" + kPre, ""},
      {"olmo", "olmo", "olmo", mlp, "", ""},
      {"olmo2", "olmo2", "olmo2", mlp, "", kBehind},
      {"cohere", "cohere", "cohere", mlp, kLayer + "input_layernorm.weight", ""},
      {"phi3", "phi3", "phi3", fused, kPost, ""},
      {"glm4", "glm4", "glm4", fused, kPost, kLayer + "post_mlp_layernorm.weight"},
      {"chatglm",
       "chatglm",
       "chatglm",
       {halves('d', 'I', encoder + "mlp.dense_h_to_4h.weight",
               encoder + "mlp.dense_4h_to_h.weight")},
       encoder + "post_attention_layernorm.weight",
       ""},
      {"recurrent_gemma",
       "recurrent_gemma",
       "recurrent_gemma",
       {gated('d', 'l', 'I', kLayer + "mlp_block")},
       "1+" + kLayer + "channel_pre_norm.weight",
       ""},
      {"internlm2",
       "internlm2",
       "internlm2",
       {w132('d', 'I', kLayer + "feed_forward")},
       kLayer + "ffn_norm.weight",
       ""},
      {"llama_pth",
       "llama_pth",
       "llama_pth",
       {w132('d', 'I', "layers.{l}.feed_forward")},
       "layers.{l}.ffn_norm.weight",
       ""},
      {"lfm2",
       "lfm2",
       "lfm2",
       {w132('d', 'I', kLayer + "feed_forward")},
       kLayer + "ffn_norm.weight",
       ""},
      {"qwen",
       "qwen",
       "qwen",
       {{'d',
         'l',
         'I',
         {kH + "mlp.w2.weight", "i c"},
         {kH + "mlp.w1.weight", "i c"},
         {kH + "mlp.c_proj.weight", "c i"}}},
       kH + "ln_2.weight",
       ""},
      {"exaone",
       "exaone",
       "exaone",
       {{'d',
         'l',
         'I',
         {kH + "mlp.c_fc_0.weight", "i c"},
         {kH + "mlp.c_fc_1.weight", "i c"},
         {kH + "mlp.c_proj.weight", "c i"}}},
       kH + "ln_2.weight",
       ""},
  };
}

std::vector<Expected> models_without_gate() {
  const std::vector<Kind> plain = {two(kMlp + ".up_proj", kMlp + ".down_proj")};
  const std::vector<Kind> c_fc = {two(kH + "mlp.c_fc", kH + "mlp.c_proj")};
  const std::vector<Kind> h_to_4h = {two(kH + "mlp.dense_h_to_4h", kH + "mlp.dense_4h_to_h")};
  const std::string neox = "gpt_neox.layers.{l}.", block = "transformer.blocks.{l}.";
  const std::string decoder = "model.decoder.layers.{l}.";
  return {
      {"arcee", "ungated", "ungated", plain, kPost, ""},
      {"nemotron", "nemotron", "ungated", plain, "1+" + kPost, ""},
      {"apertus", "apertus", "apertus", plain, kLayer + "feedforward_layernorm.weight", ""},
      {"starcoder2",
       "starcoder2",
       "starcoder2",
       {two(kMlp + ".c_fc", kMlp + ".c_proj")},
       kPost,
       ""},
      {"phi",
       "phi",
       "phi",
       {two(kMlp + ".fc1", kMlp + ".fc2")},
       kLayer + "input_layernorm.weight",
       ""},
      {"gpt2",
       "gpt2",
       "gpt2",
       {{'d', 'l', 'I', {}, {kH + "mlp.c_fc.weight", "c i"}, {kH + "mlp.c_proj.weight", "i c"}}},
       kH + "ln_2.weight",
       ""},
      {"gpt_bigcode", "gpt_bigcode", "gpt_bigcode", c_fc, kH + "ln_2.weight", ""},
      {"gpt_neo", "gpt_neo", "gpt_neo", c_fc, kH + "ln_2.weight", ""},
      {"gptj", "gptj", "gptj", {two(kH + "mlp.fc_in", kH + "mlp.fc_out")}, kH + "ln_1.weight", ""},
      {"gpt_neox",
       "gpt_neox",
       "gpt_neox",
       {two(neox + "mlp.dense_h_to_4h", neox + "mlp.dense_4h_to_h")},
       neox + "post_attention_layernorm.weight",
       ""},
      {"persimmon",
       "persimmon",
       "persimmon",
       {two(kMlp + ".dense_h_to_4h", kMlp + ".dense_4h_to_h")},
       kPost,
       ""},
      {"opt",
       "opt",
       "opt",
       {two(decoder + "fc1", decoder + "fc2")},
       decoder + "final_layer_norm.weight",
       ""},
      {"bloom", "bloom", "bloom", h_to_4h, kH + "post_attention_layernorm.weight", ""},
      {"falcon", "falcon", "falcon", h_to_4h, kH + "input_layernorm.weight", ""},
      {"falcon_40b", "falcon_40b", "falcon_40b", h_to_4h, kH + "ln_mlp.weight", ""},
      {"mpt",
       "mpt",
       "mpt",
       {two(block + "ffn.up_proj", block + "ffn.down_proj")},
       block + "norm_2.weight",
       ""},
  };
}

std::vector<Expected> models_with_experts() {
  const Kind experts = gated('e', 'l', 'M', kMlp + ".experts.{e}");
  const Kind later_experts = gated('e', 'r', 'M', kMlp + ".experts.{e}");
  const Kind first = gated('d', 'f', 'I', kMlp);
  const Kind one_shared = gated('s', 'l', 'S', kMlp + ".shared_expert");
  const Kind shared = gated('s', 'l', 'S', kMlp + ".shared_experts");
  const Kind later_shared = gated('s', 'r', 'S', kMlp + ".shared_experts");
  const std::string feed = kLayer + "feed_forward";
  return {
      {"mixtral",
       "mixtral",
       "mixtral",
       {w132('e', 'M', kLayer + "block_sparse_moe.experts.{e}")},
       kPost,
       ""},
      {"qwen2_moe", "qwen_moe", "qwen_moe", {experts, one_shared}, kPost, ""},
      {"qwen3_moe", "qwen_moe", "qwen_moe", {experts}, kPost, ""},
      {"olmoe", "qwen_moe", "qwen_moe", {experts}, kPost, ""},
      {"deepseek_v3", "qwen_moe", "qwen_moe", {first, later_experts, later_shared}, kPost, ""},
      {"PanguProMoE", "qwen_moe", "qwen_moe", {experts, one_shared}, kPost, ""},
      {"hunyuan_v1_moe",
       "qwen_moe",
       "qwen_moe",
       {experts, gated('s', 'l', 'S', kMlp + ".shared_mlp")},
       kPost,
       ""},
      {"flex_olmo", "olmo2", "olmo2", {experts}, "", kBehind},
      {"pangu_ultra_moe",
       "pangu_sandwich",
       "pangu_sandwich",
       {first, later_experts, later_shared},
       kLayer + "pre_mlp_layernorm.weight",
       kLayer + "post_mlp_layernorm.weight"},
      {"jamba",
       "jamba",
       "jamba",
       {gated('d', 'f', 'I', feed), gated('e', 'r', 'M', feed + ".experts.{e}")},
       kLayer + "pre_ff_layernorm.weight",
       ""},
      {"qwen3_next", "qwen3_next", "qwen3_next", {experts, one_shared}, "1+" + kPost, ""},
      {"merged_moe",
       "merged_moe",
       "merged_moe",
       {stacked('l', kMlp + ".experts.gate_up_proj", kMlp + ".experts.down_proj"), shared},
       kPost,
       ""},
  };
}

std::vector<Expected> models_with_other_stacks() {
  const std::string feed = kLayer + "feed_forward", experts = kMlp + ".experts.";
  const std::string sparse = kLayer + "block_sparse_moe.", dbrx = "transformer.blocks.{l}.";
  const auto transposed = [](char layers, const std::string& both, const std::string& down) {
    return Kind{'e', layers, 'M', {both, "e c i"}, {both, "e c i+I"}, {down, "e i c"}};
  };
  return {
      {"qwen3_vl_moe_text",
       "merged_moe_transposed",
       "merged_moe_transposed",
       {transposed('l', experts + "gate_up_proj", experts + "down_proj")},
       kPost,
       ""},
      {"gpt_oss",
       "gpt_oss",
       "gpt_oss",
       {{'e',
         'l',
         'M',
         {experts + "gate_up_proj", "e c 2i"},
         {experts + "gate_up_proj", "e c 2i+1"},
         {experts + "down_proj", "e i c"}}},
       kPost,
       ""},
      {"llama4_text",
       "llama4",
       "llama4",
       {gated('d', 'f', 'I', feed), gated('s', 'r', 'S', feed + ".shared_expert"),
        transposed('r', feed + ".experts.gate_up_proj", feed + ".experts.down_proj")},
       kPost,
       ""},
      {"granitemoe",
       "granitemoe",
       "granitemoe",
       {stacked('l', sparse + "input_linear.weight", sparse + "output_linear.weight"),
        halves('s', 'S', kLayer + "shared_mlp.input_linear.weight",
               kLayer + "shared_mlp.output_linear.weight")},
       kPost,
       ""},
      {"jetmoe",
       "jetmoe",
       "jetmoe",
       {stacked('l', kMlp + ".input_linear.weight", kMlp + ".output_linear.weight")},
       kPost,
       ""},
      {"dbrx",
       "dbrx",
       "dbrx",
       {{'d',
         'l',
         'X',
         {dbrx + "ffn.experts.mlp.w1", "i c"},
         {dbrx + "ffn.experts.mlp.v1", "i c"},
         {dbrx + "ffn.experts.mlp.w2", "i c"}}},
       dbrx + "norm_attn_norm.norm_2.weight",
       ""},
  };
}

std::vector<Expected> all_expected() {
  std::vector<Expected> out;
  for (const auto& part :
       {dense_models(), models_without_gate(), models_with_experts(), models_with_other_stacks()}) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

std::string filled_in(std::string name, uint64_t layer, uint64_t expert) {
  for (const auto& [mark, value] : {std::pair("{l}", layer), std::pair("{e}", expert)}) {
    if (const size_t at = name.find(mark); at != std::string::npos) {
      name.replace(at, 3, std::to_string(value));
    }
  }
  return name;
}

// One model in memory and on disk. Every element of it is another whole number.
struct Model {
  Scratch scratch;
  TinySizes sizes{.dtype = DType::f32};
  std::map<std::string, StoredTensor> tensors;

  explicit Model(const std::string& architecture) {
    float next = 0;
    const Fill count_up = [&](std::string_view, uint64_t) { return next++; };
    auto made = tiny_tensors(architecture, sizes, count_up);
    REQUIRE(next < 16'777'216.0f);
    write_safetensors(scratch / "model.safetensors", made);
    for (StoredTensor& tensor : made) tensors[tensor.name] = std::move(tensor);
  }

  uint64_t units(char symbol) const {
    if (symbol == 'X') return sizes.experts * sizes.expert_units;
    return symbol == 'I' ? sizes.units : symbol == 'M' ? sizes.expert_units : sizes.shared_units;
  }

  // The element of `spot` by hand.
  float by_hand(const Spot& spot, uint64_t layer, uint64_t e, uint64_t i, uint64_t c,
                uint64_t units) const {
    const StoredTensor& tensor = tensors.at(filled_in(spot.name, layer, e));
    const std::map<std::string, uint64_t> values = {
        {"e", e}, {"i", i}, {"c", c}, {"2i", 2 * i}, {"2i+1", 2 * i + 1}, {"i+I", i + units}};
    std::istringstream words(spot.index);
    uint64_t at = 0;
    for (uint64_t size : tensor.shape) {
      std::string word;
      words >> word;
      const uint64_t index = values.at(word);
      if (index >= size) throw std::out_of_range(spot.name);
      at = at * size + index;
    }
    return load_le<float>(tensor.data.data() + 4 * at);
  }
};

// Elements where a view and the reading by hand differ.
uint64_t differences(const Model& model, const Checkpoint& checkpoint, const View& view,
                     const Spot& spot, const UnitGroup& group, uint64_t width) {
  uint64_t count = 0;
  for (uint64_t i = 0; i < group.units; ++i) {
    for (uint64_t c = 0; c < width; ++c) {
      const uint64_t at = view.first + i * view.unit_stride + c * view.coordinate_stride;
      Bytes element(4);
      REQUIRE(checkpoint.read(checkpoint.tensors()[view.tensor], 4 * at, element));
      const float wanted =
          model.by_hand(spot, group.layer, group.expert.value_or(0), i, c, group.units);
      count += load_le<float>(element.data()) != wanted;
    }
  }
  return count;
}

void check_gain(const Model& model, const Anatomy& anatomy, std::optional<size_t> gain,
                std::string name, uint64_t layer) {
  REQUIRE(gain.has_value() == !name.empty());
  if (!gain) return;
  const bool one_plus = name.starts_with("1+");
  if (one_plus) name.erase(0, 2);
  const StoredTensor& tensor = model.tensors.at(filled_in(name, layer, 0));
  for (uint64_t c = 0; c < anatomy.width; ++c) {
    const float stored = load_le<float>(tensor.data.data() + 4 * c);
    CHECK(anatomy.gains[*gain][c] == stored + (one_plus ? 1.0f : 0.0f));
  }
}

void check_group(const Model& model, const Checkpoint& checkpoint, const Anatomy& anatomy,
                 const Expected& expected, const UnitGroup& group) {
  CAPTURE(group.label());
  const char who = group.expert ? 'e' : group.shared ? 's' : 'd';
  const Kind* kind = nullptr;
  for (const Kind& each : expected.kinds) {
    const bool here = each.layers == 'l' || (each.layers == 'f') == (group.layer == 0);
    if (each.who == who && here) kind = &each;
  }
  REQUIRE(kind != nullptr);
  REQUIRE(group.units == model.units(kind->units));
  REQUIRE(group.gate.has_value() == !kind->gate.name.empty());
  const auto wrong = [&](const View& view, const Spot& spot) {
    return differences(model, checkpoint, view, spot, group, anatomy.width);
  };
  if (group.gate) CHECK(wrong(*group.gate, kind->gate) == 0);
  CHECK(wrong(group.up, kind->up) == 0);
  CHECK(wrong(group.down, kind->down) == 0);
  check_gain(model, anatomy, group.in_gain, expected.in_gain, group.layer);
  check_gain(model, anatomy, group.out_gain, expected.out_gain, group.layer);
}

uint64_t group_count(const Expected& expected, const TinySizes& sizes) {
  uint64_t count = 0;
  for (const Kind& kind : expected.kinds) {
    const uint64_t layers = kind.layers == 'l'   ? sizes.layers
                            : kind.layers == 'f' ? 1
                                                 : sizes.layers - 1;
    count += layers * (kind.who == 'e' ? sizes.experts : 1);
  }
  return count;
}

Config typed(const std::string& model_type) {
  Config config;
  config.present = true;
  config.model_type = model_type;
  return config;
}

}  // namespace

TEST_CASE("views of every architecture point at the right elements") {
  for (const Expected& expected : all_expected()) {
    DYNAMIC_SECTION(expected.architecture) {
      const Model model(expected.architecture);
      auto checkpoint = Checkpoint::open(model.scratch.folder());
      REQUIRE(checkpoint);
      auto anatomy = make_anatomy(*checkpoint, typed(expected.architecture));
      INFO((anatomy ? "" : anatomy.error().message()));
      REQUIRE(anatomy);
      CHECK(anatomy->family == expected.family);
      CHECK(anatomy->width == model.sizes.width);
      CHECK(anatomy->vocabulary == model.sizes.vocabulary);
      CHECK(anatomy->gated == !expected.kinds[0].gate.name.empty());
      CHECK(anatomy->groups.size() == group_count(expected, model.sizes));
      CHECK(unrecognised(*anatomy).empty());
      for (const UnitGroup& group : anatomy->groups) {
        check_group(model, *checkpoint, *anatomy, expected, group);
      }
    }
  }
}

TEST_CASE("every architecture is known by its names alone") {
  for (const Expected& expected : all_expected()) {
    DYNAMIC_SECTION(expected.architecture) {
      const Model model(expected.architecture);
      auto checkpoint = Checkpoint::open(model.scratch.folder());
      REQUIRE(checkpoint);
      auto anatomy = make_anatomy(*checkpoint, Config{});
      INFO((anatomy ? "" : anatomy.error().message()));
      REQUIRE(anatomy);
      CHECK(anatomy->family == expected.alone);
      CHECK(anatomy->groups.size() == group_count(expected, model.sizes));
    }
  }
}

TEST_CASE("the table of views names every architecture we can make") {
  std::vector<std::string> named;
  for (const Expected& expected : all_expected()) named.push_back(expected.architecture);
  auto made = tiny_architectures();
  std::sort(named.begin(), named.end());
  std::sort(made.begin(), made.end());
  CHECK(named == made);
}

TEST_CASE("every family of the catalogue has an architecture in the table of views") {
  for (const Family& family : families()) {
    const auto all = all_expected();
    CHECK(std::any_of(all.begin(), all.end(),
                      [&](const Expected& each) { return each.family == family.name(); }));
  }
}

}  // namespace wmk::checkpoint
