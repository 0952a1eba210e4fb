#include "lineage/tests/biases.h"

#include <array>
#include <cmath>

#include "base/text.h"
#include "lineage/tests/head_signs.h"

namespace wmk::lineage {

namespace {

using checkpoint::AttentionLayer;

constexpr std::string_view kBiasStatistic = "z of the signed sum of bias cosines";

// The biases of one key/value head and its query heads, as rows of one number.
HeadVectors head_biases(const checkpoint::Attention& form, const AttentionLayer& layer,
                        uint64_t head) {
  const auto part = [head](const std::vector<float>& all, uint64_t count) {
    if (all.empty()) return all;
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(head * count);
    return std::vector<float>(first, first + static_cast<std::ptrdiff_t>(count));
  };
  const uint64_t size = form.head_size;
  return {part(layer.q_bias, form.heads / form.kv_heads * size),
          part(layer.k_bias, size),
          part(layer.v_bias, size),
          {}};
}

bool any_bias(const Side& side, std::vector<float> AttentionLayer::*bias) {
  for (const AttentionLayer& layer : side.attention.layers) {
    for (const float value : layer.*bias) {
      if (value != 0) return true;
    }
  }
  return false;
}

std::string why_no_bias(const ModelPair& pair, bool is_value) {
  const auto has = [is_value](const Side& side) {
    if (is_value) return any_bias(side, &AttentionLayer::v_bias);
    return any_bias(side, &AttentionLayer::q_bias) && any_bias(side, &AttentionLayer::k_bias);
  };
  const bool b = has(pair.suspect), a = has(pair.reference);
  return a && b ? ""
         : a    ? "the suspect has no such biases"
         : b    ? "the reference has no such biases"
                : "neither model has such biases";
}

}  // namespace

BiasSigns bias_signs(const ModelPair& pair, const std::vector<LayerPair>& layers) {
  BiasSigns out;
  out.value.cosines = 1;
  out.value_missing = out.query_key_missing = why_no_attention(pair);
  if (!out.value_missing.empty()) return out;
  out.query_key_missing = why_no_bias(pair, false);
  out.value_missing = why_no_bias(pair, true);
  const auto& form = pair.reference.attention;
  const auto orders = pair_orders(pair);
  out.pair_orders = static_cast<double>(orders.size());
  std::array<RowSigns, kPairOrdersMax> query_key;
  for (const LayerPair& both : layers) {
    const AttentionLayer* of_b = attention_layer(pair.suspect, both.suspect);
    const AttentionLayer* of_a = attention_layer(pair.reference, both.reference);
    if (!of_a || !of_b) continue;
    for (uint64_t number = 0; number < form.kv_heads; ++number) {
      const HeadVectors b = head_biases(form, *of_b, number), a = head_biases(form, *of_a, number);
      const HeadPair head{b, a, 1, form.head_size, form.heads / form.kv_heads};
      const auto add = [&](SignGroup kind, const PairOrder& order, RowSigns& to) {
        SignTerms terms;
        add_sign_groups(head, kind, order, terms);
        to.add(terms);
      };
      if (out.value_missing.empty()) add(SignGroup::head_dimension, {}, out.value);
      for (size_t i = 0; i < orders.size() && out.query_key_missing.empty(); ++i) {
        add(SignGroup::rope_pair, orders[i], query_key[i]);
      }
    }
  }
  out.query_key = query_key[0];
  for (size_t i = 1; i < orders.size(); ++i) {
    if (std::abs(query_key[i].sum.z()) > std::abs(out.query_key.sum.z())) {
      out.query_key = query_key[i];
    }
  }
  return out;
}

std::vector<TestResult> bias_results(const BiasSigns& found, const Basis& basis) {
  const SignTest query_key{"T6 biases, q/k", TensorFamily::norm_weights, kBiasStatistic,
                           "signs of RoPE pairs (q biases with k biases) are independent",
                           "q and k turned within RoPE pairs, heads in another order"};
  const SignTest value{"T6 biases, v", TensorFamily::norm_weights, kBiasStatistic,
                       "signs of head dimensions (v biases) are independent",
                       "V and O mixed within heads, head dimensions or heads in another order"};
  std::vector<TestResult> out = {
      sign_result(query_key, found.query_key, found.query_key_missing, "", basis),
      sign_result(value, found.value, found.value_missing, "", basis)};
  out[0].tried = found.pair_orders;
  return out;
}

}  // namespace wmk::lineage
