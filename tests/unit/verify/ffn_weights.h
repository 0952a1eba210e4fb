// The tensors of a tiny Llama model as numbers, for tests to rewrite.
//
// Lifetime: values. Thread-safety: one caller.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "tests/support/tiny_model.h"

namespace wmk::test {

// Name -> values, and the shapes.
struct Weights {
  std::vector<StoredTensor> tensors;
  std::vector<float> get(const std::string& name) {
    const StoredTensor& tensor = tensor_named(tensors, name);
    std::vector<float> out(tensor.data.size() / 4);
    std::memcpy(out.data(), tensor.data.data(), tensor.data.size());
    return out;
  }
  void set(const std::string& name, const std::vector<float>& values,
           std::vector<uint64_t> shape = {}) {
    StoredTensor& tensor = tensor_named(tensors, name);
    tensor = stored(name, checkpoint::DType::f32, shape.empty() ? tensor.shape : std::move(shape),
                    values);
  }
  void scale_columns(const std::string& name, const std::vector<float>& factors) {
    auto values = get(name);
    for (size_t i = 0; i < values.size(); ++i) values[i] *= factors[i % factors.size()];
    set(name, values);
  }
};

// Units of one layer: rows of gate and up, columns of down.
struct Ffn {
  std::vector<std::vector<float>> gate, up, down;

  Ffn(Weights& weights, const std::string& layer) {
    const auto gate_values = weights.get(layer + "mlp.gate_proj.weight");
    const auto up_values = weights.get(layer + "mlp.up_proj.weight");
    const auto down_values = weights.get(layer + "mlp.down_proj.weight");
    const size_t d = tensor_named(weights.tensors, layer + "mlp.gate_proj.weight").shape[1];
    const size_t f = gate_values.size() / d;
    for (size_t u = 0; u < f; ++u) {
      gate.emplace_back(gate_values.begin() + u * d, gate_values.begin() + (u + 1) * d);
      up.emplace_back(up_values.begin() + u * d, up_values.begin() + (u + 1) * d);
      down.emplace_back();
      for (size_t c = 0; c < d; ++c) down.back().push_back(down_values[c * f + u]);
    }
  }
  void put(Weights& weights, const std::string& layer) const {
    const size_t d = gate.front().size(), f = gate.size();
    std::vector<float> gate_values, up_values, down_values(d * f);
    for (size_t u = 0; u < f; ++u) {
      gate_values.insert(gate_values.end(), gate[u].begin(), gate[u].end());
      up_values.insert(up_values.end(), up[u].begin(), up[u].end());
      for (size_t c = 0; c < d; ++c) down_values[c * f + u] = down[u][c];
    }
    weights.set(layer + "mlp.gate_proj.weight", gate_values, {f, d});
    weights.set(layer + "mlp.up_proj.weight", up_values, {f, d});
    weights.set(layer + "mlp.down_proj.weight", down_values, {d, f});
  }
};

}  // namespace wmk::test
