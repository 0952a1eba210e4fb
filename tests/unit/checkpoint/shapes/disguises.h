// What the owner of a suspect may do to tensors and names.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>

#include "checkpoint/numbers/widen.h"
#include "tests/unit/checkpoint/shapes/disguised.h"

namespace wmk::test {

inline bool is_of_layers(const StoredTensor& tensor) {
  return tensor.name.find(".layers.") != std::string::npos;
}

inline std::vector<float> values_in(const StoredTensor& tensor) {
  std::vector<float> out(tensor.data.size() / 4);
  checkpoint::widen(checkpoint::DType::f32, tensor.data, out);
  return out;
}

inline Tensors sorted(Tensors tensors) {
  std::sort(tensors.begin(), tensors.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return tensors;
}

// All layers of one tensor's name in one tensor.
inline Tensors stacked(const Tensors& tensors) {
  Tensors out;
  for (const StoredTensor& tensor : tensors) {
    if (!is_of_layers(tensor)) {
      out.push_back(tensor);
      continue;
    }
    const std::string name = replaced(replaced(tensor.name, ".0.", "."), ".layers.", ".stack.");
    if (tensor.name.find(".0.") != std::string::npos) {
      out.push_back(tensor);
      out.back().name = name;
      out.back().shape.insert(out.back().shape.begin(), 1);
      continue;
    }
    for (int layer = 1; layer < 4; ++layer) {
      const std::string number = cat(".", layer, ".");
      if (tensor.name.find(number) == std::string::npos) continue;
      StoredTensor& all =
          tensor_named(out, replaced(replaced(tensor.name, number, "."), ".layers.", ".stack."));
      all.data.insert(all.data.end(), tensor.data.begin(), tensor.data.end());
      ++all.shape[0];
    }
  }
  return out;
}

// Gate and up of each layer in one tensor.
inline Tensors fused(Tensors tensors, bool interleaved) {
  Tensors out;
  for (const StoredTensor& tensor : tensors) {
    if (tensor.name.find("up_proj") != std::string::npos) continue;
    out.push_back(tensor);
    if (tensor.name.find("gate_proj") == std::string::npos) continue;
    const StoredTensor& up = tensor_named(tensors, replaced(tensor.name, "gate", "up"));
    out.back().name = replaced(tensor.name, "gate_proj", "gate_up_proj");
    out.back().shape[0] *= 2;
    const size_t row = interleaved ? tensor.shape[1] * 4 : tensor.data.size();
    out.back().data.clear();
    for (size_t at = 0; at < tensor.data.size(); at += row) {
      for (const StoredTensor* from : {&tensor, &up}) {
        const auto begin = from->data.begin() + static_cast<ptrdiff_t>(at);
        out.back().data.insert(out.back().data.end(), begin, begin + static_cast<ptrdiff_t>(row));
      }
    }
  }
  return out;
}

inline Tensors transposed(Tensors tensors) {
  for (StoredTensor& tensor : tensors) {
    if (!is_of_layers(tensor) || tensor.shape.size() != 2) continue;
    const std::vector<float> values = values_in(tensor);
    const uint64_t rows = tensor.shape[0], columns = tensor.shape[1];
    std::vector<float> turned(values.size());
    for (uint64_t r = 0; r < rows; ++r) {
      for (uint64_t c = 0; c < columns; ++c) turned[c * rows + r] = values[r * columns + c];
    }
    tensor = stored(tensor.name, checkpoint::DType::f32, {columns, rows}, turned);
  }
  return tensors;
}

// What an owner may do without a change of function, and training does by itself: lengths of up
// rows and down columns go together, and norm weights with the columns of what reads them.
inline Tensors with_lengths(Tensors tensors) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  for (int layer = 0; layer < 4; ++layer) {
    const std::string prefix = cat("model.layers.", layer, ".");
    std::vector<float> units(kShapes.units), coordinates(kShapes.width);
    for (float& value : units) value = std::exp2(normal(random));
    for (float& value : coordinates) value = std::exp2(normal(random));
    const auto change = [&](const std::string& name, const auto& factor) {
      StoredTensor& tensor = tensor_named(tensors, prefix + name);
      std::vector<float> values = values_in(tensor);
      const uint64_t columns = tensor.shape.back();
      for (size_t i = 0; i < values.size(); ++i) values[i] *= factor(i / columns, i % columns);
      tensor = stored(tensor.name, checkpoint::DType::f32, tensor.shape, values);
    };
    change("mlp.gate_proj.weight", [&](size_t, size_t c) { return 1 / coordinates[c]; });
    change("mlp.up_proj.weight", [&](size_t u, size_t c) { return units[u] / coordinates[c]; });
    change("mlp.down_proj.weight", [&](size_t, size_t u) { return 1 / units[u]; });
    change("post_attention_layernorm.weight", [&](size_t, size_t c) { return coordinates[c]; });
  }
  return tensors;
}

// As in a trained model, the vectors of a neuron have directions in common.
inline Tensors with_directions(Tensors tensors) {
  for (int layer = 0; layer < 4; ++layer) {
    const std::string prefix = cat("model.layers.", layer, ".mlp.");
    const auto up = values_in(tensor_named(tensors, prefix + "up_proj.weight"));
    StoredTensor& gate = tensor_named(tensors, prefix + "gate_proj.weight");
    std::vector<float> values = values_in(gate);
    for (size_t i = 0; i < values.size(); ++i) values[i] += up[i];
    gate = stored(gate.name, checkpoint::DType::f32, gate.shape, values);
    StoredTensor& down = tensor_named(tensors, prefix + "down_proj.weight");
    values = values_in(down);
    for (uint64_t i = 0; i < values.size(); ++i) {
      values[i] += up[i % kShapes.units * kShapes.width + i / kShapes.units];
    }
    down = stored(down.name, checkpoint::DType::f32, down.shape, values);
  }
  return tensors;
}

// q and o, or k and v, with as many rows as the FFN has neurons.
inline Tensors with_attention(Tensors tensors, const TinySizes& sizes, uint64_t rows) {
  std::erase_if(tensors, [](const StoredTensor& tensor) {
    return tensor.name.find("self_attn") != std::string::npos;
  });
  uint64_t seed = 1;
  const auto add = [&](std::string name, std::vector<uint64_t> shape) {
    std::mt19937 random(static_cast<unsigned>(seed++));
    std::vector<float> values(shape[0] * shape[1]);
    for (float& value : values) value = std::normal_distribution<float>()(random);
    tensors.push_back(stored(std::move(name), checkpoint::DType::f32, std::move(shape), values));
  };
  for (uint64_t layer = 0; layer < sizes.layers; ++layer) {
    const std::string prefix = cat("model.layers.", layer, ".self_attn.");
    for (const char* name : {"q_proj.weight", "k_proj.weight", "v_proj.weight"}) {
      add(prefix + name, {rows, sizes.width});
    }
    add(prefix + "o_proj.weight", {sizes.width, rows});
  }
  return tensors;
}

}  // namespace wmk::test
