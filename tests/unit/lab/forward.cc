#include "tests/unit/lab/forward.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "base/json.h"
#include "checkpoint/checkpoint.h"
#include "tests/unit/scratch.h"

namespace wmk::test {
namespace {

double silu(double x) { return x / (1 + std::exp(-x)); }

void add(Vector& to, const Vector& what, double factor = 1) {
  for (size_t i = 0; i < to.size(); ++i) to[i] += factor * what[i];
}

Vector softmax(Vector x) {
  const double top = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (double& value : x) sum += value = std::exp(value - top);
  for (double& value : x) value /= sum;
  return x;
}

// Rotates the pairs (i, i + half) of one head by position / theta^(i / half).
void rotate_positions(double* head, size_t size, size_t position, double theta) {
  const size_t half = size / 2;
  for (size_t i = 0; i < half; ++i) {
    const double angle = static_cast<double>(position) *
                         std::pow(theta, -static_cast<double>(i) / static_cast<double>(half));
    const double a = head[i], b = head[i + half];
    head[i] = a * std::cos(angle) - b * std::sin(angle);
    head[i + half] = b * std::cos(angle) + a * std::sin(angle);
  }
}

}  // namespace

TinyModel::TinyModel(const std::filesystem::path& folder) {
  auto checkpoint = checkpoint::Checkpoint::open(folder);
  REQUIRE(checkpoint);
  for (const checkpoint::Tensor& tensor : checkpoint->tensors()) {
    REQUIRE(tensor.dtype == checkpoint::DType::f32);
    Bytes bytes(tensor.bytes);
    REQUIRE(checkpoint->read(tensor, 0, bytes));
    Matrix matrix{tensor.shape[0], tensor.elements() / tensor.shape[0], {}};
    for (size_t i = 0; i < tensor.elements(); ++i) {
      matrix.values.push_back(load_le<float>(bytes.data() + 4 * i));
    }
    tensors_[tensor.name] = std::move(matrix);
  }
  auto document = json::Document::parse(content_of(folder / "config.json"));
  REQUIRE(document);
  const auto number = [&](const char* key, double otherwise) {
    const auto value = document->root().find(key);
    return value ? value->number().value() : otherwise;
  };
  layers_ = static_cast<size_t>(number("num_hidden_layers", 0));
  heads_ = static_cast<size_t>(number("num_attention_heads", 0));
  kv_heads_ = static_cast<size_t>(number("num_key_value_heads", 0));
  top_ = static_cast<size_t>(number("num_experts_per_tok", 0));
  epsilon_ = number("rms_norm_eps", 0);
  theta_ = number("rope_theta", 0);
  const auto tied = document->root().find("tie_word_embeddings");
  REQUIRE(tied);
  REQUIRE(tied->boolean().value() != has("lm_head.weight"));
}

Vector TinyModel::linear(const std::string& name, const Vector& x) const {
  const Matrix& matrix = at(name + ".weight");
  REQUIRE(matrix.columns == x.size());
  Vector y(matrix.rows);
  for (size_t i = 0; i < matrix.rows; ++i) {
    y[i] = std::inner_product(x.begin(), x.end(), matrix.values.begin() + i * x.size(), 0.0);
    if (has(name + ".bias")) y[i] += at(name + ".bias").values[i];
  }
  return y;
}

Vector TinyModel::normalised(const std::string& name, const Vector& x) const {
  const Vector& gain = at(name + ".weight").values;
  const double squares = std::inner_product(x.begin(), x.end(), x.begin(), 0.0);
  const double scale = 1 / std::sqrt(squares / static_cast<double>(x.size()) + epsilon_);
  Vector y(x.size());
  for (size_t i = 0; i < x.size(); ++i) y[i] = x[i] * scale * gain[i];
  return y;
}

std::vector<Vector> TinyModel::attention(const std::string& layer,
                                         const std::vector<Vector>& x) const {
  std::vector<Vector> keys, values, out;
  // The heads may be narrower than the residual stream.
  const size_t size = at(layer + "self_attn.q_proj.weight").rows / heads_;
  for (size_t position = 0; position < x.size(); ++position) {
    Vector q = linear(layer + "self_attn.q_proj", x[position]);
    Vector k = linear(layer + "self_attn.k_proj", x[position]);
    for (size_t h = 0; h < heads_; ++h) rotate_positions(&q[h * size], size, position, theta_);
    for (size_t h = 0; h < kv_heads_; ++h) rotate_positions(&k[h * size], size, position, theta_);
    keys.push_back(k);
    values.push_back(linear(layer + "self_attn.v_proj", x[position]));
    Vector mixed(q.size());
    for (size_t h = 0; h < heads_; ++h) {
      const size_t from = h / (heads_ / kv_heads_) * size;
      Vector scores;
      for (const Vector& key : keys) {
        const double dot = std::inner_product(q.begin() + h * size, q.begin() + (h + 1) * size,
                                              key.begin() + from, 0.0);
        scores.push_back(dot / std::sqrt(static_cast<double>(size)));
      }
      scores = softmax(scores);
      for (size_t t = 0; t < scores.size(); ++t) {
        for (size_t i = 0; i < size; ++i) mixed[h * size + i] += scores[t] * values[t][from + i];
      }
    }
    out.push_back(linear(layer + "self_attn.o_proj", mixed));
  }
  return out;
}

Vector TinyModel::gated(const std::string& gate, const std::string& up, const std::string& down,
                        const Vector& x) const {
  Vector hidden = linear(gate, x);
  const Vector factor = linear(up, x);
  for (size_t i = 0; i < hidden.size(); ++i) hidden[i] = silu(hidden[i]) * factor[i];
  return linear(down, hidden);
}

// The best `top` experts. Mixtral normalises their weights to sum 1, Qwen2-MoE does not.
Vector TinyModel::mixture(const std::string& place, bool mixtral, const Vector& x) const {
  const Vector weights = softmax(linear(place + "gate", x));
  std::vector<size_t> order(weights.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return weights[a] > weights[b]; });
  double sum = 0;
  for (size_t i = 0; i < top_; ++i) sum += weights[order[i]];
  Vector out(x.size());
  for (size_t i = 0; i < top_; ++i) {
    const std::string expert = place + "experts." + std::to_string(order[i]) + ".";
    const Vector y = mixtral
                         ? gated(expert + "w1", expert + "w3", expert + "w2", x)
                         : gated(expert + "gate_proj", expert + "up_proj", expert + "down_proj", x);
    add(out, y, weights[order[i]] / (mixtral ? sum : 1));
  }
  if (mixtral) return out;
  const std::string shared = place + "shared_expert.";
  const double open = 1 / (1 + std::exp(-linear(place + "shared_expert_gate", x)[0]));
  add(out, gated(shared + "gate_proj", shared + "up_proj", shared + "down_proj", x), open);
  return out;
}

Vector TinyModel::feed_forward(const std::string& layer, const Vector& x) const {
  if (has(layer + "block_sparse_moe.gate.weight")) {
    return mixture(layer + "block_sparse_moe.", true, x);
  }
  if (has(layer + "mlp.gate.weight")) return mixture(layer + "mlp.", false, x);
  return gated(layer + "mlp.gate_proj", layer + "mlp.up_proj", layer + "mlp.down_proj", x);
}

std::vector<Vector> TinyModel::logits(const std::vector<size_t>& tokens) const {
  const Matrix& embedding = at("model.embed_tokens.weight");
  std::vector<Vector> stream;
  for (const size_t token : tokens) {
    const auto row = embedding.values.begin() + token * embedding.columns;
    stream.emplace_back(row, row + embedding.columns);
  }
  for (size_t number = 0; number < layers_; ++number) {
    const std::string layer = "model.layers." + std::to_string(number) + ".";
    std::vector<Vector> read;
    for (const Vector& x : stream) read.push_back(normalised(layer + "input_layernorm", x));
    const std::vector<Vector> mixed = attention(layer, read);
    for (size_t t = 0; t < stream.size(); ++t) {
      add(stream[t], mixed[t]);
      add(stream[t],
          feed_forward(layer, normalised(layer + "post_attention_layernorm", stream[t])));
    }
  }
  const std::string head = has("lm_head.weight") ? "lm_head" : "model.embed_tokens";
  std::vector<Vector> out;
  for (const Vector& x : stream) out.push_back(linear(head, normalised("model.norm", x)));
  return out;
}

}  // namespace wmk::test
