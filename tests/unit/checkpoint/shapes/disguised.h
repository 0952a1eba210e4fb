// Tiny models whose tensors were renamed, moved or joined, and what their anatomies read.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/text.h"
#include "checkpoint/layout/unit_block.h"
#include "checkpoint/shapes/role_variants.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::test {

using Tensors = std::vector<StoredTensor>;

inline constexpr TinySizes kShapes{.width = 64,
                                   .vocabulary = 200,
                                   .layers = 4,
                                   .units = 96,
                                   .expert_units = 40,
                                   .experts = 4,
                                   .dtype = checkpoint::DType::f32};

// The numbers of one FFN as an anatomy reads them.
struct ReadFfn {
  std::vector<float> gate, up, down, norm;
  bool operator==(const ReadFfn&) const = default;
};

inline std::vector<float> vectors_of(const checkpoint::Checkpoint& checkpoint,
                                     const checkpoint::View& view, uint64_t units, uint64_t width) {
  checkpoint::RawBlock block;
  must(block.read(checkpoint, view, width, 0, units));
  std::vector<float> panel(units * width), out(units * width);
  block.widen_panel(0, units, panel);
  for (uint64_t u = 0; u < units; ++u) {
    for (uint64_t c = 0; c < width; ++c) {
      out[u * width + c] = panel[block.unit_major() ? u * width + c : c * units + u];
    }
  }
  return out;
}

// In no order of layers.
inline std::vector<ReadFfn> ffns_of(const checkpoint::Checkpoint& checkpoint,
                                    const checkpoint::Anatomy& anatomy) {
  std::vector<ReadFfn> out;
  for (const checkpoint::UnitGroup& group : anatomy.groups) {
    const auto read = [&](const checkpoint::View& view) {
      return vectors_of(checkpoint, view, group.units, anatomy.width);
    };
    ReadFfn ffn{.gate = {}, .up = read(group.up), .down = read(group.down), .norm = {}};
    if (group.gate) ffn.gate = read(*group.gate);
    if (group.in_norm) ffn.norm = anatomy.norm_weights[*group.in_norm];
    out.push_back(std::move(ffn));
  }
  std::sort(out.begin(), out.end(),
            [](const ReadFfn& a, const ReadFfn& b) { return a.up[0] < b.up[0]; });
  return out;
}

// Written to a folder without config; lives as long as the test.
class Disguised {
 public:
  explicit Disguised(const Tensors& tensors) : checkpoint_(opened(tensors)) {}

  const checkpoint::Checkpoint& checkpoint() const { return checkpoint_; }
  std::vector<checkpoint::AnatomyVariant> variants(checkpoint::Config config = {}) const {
    return checkpoint::role_variants(checkpoint_, config);
  }
  // Of the declared reading.
  std::vector<ReadFfn> declared(std::string_view model_type) const {
    checkpoint::Config config;
    config.model_type = model_type;
    return ffns_of(checkpoint_, must(checkpoint::make_anatomy(checkpoint_, config)));
  }
  // The place of the first variant that reads these numbers; all variants are listed if none does.
  size_t place_of(const std::vector<ReadFfn>& wanted, checkpoint::Config config = {}) const {
    const auto all = variants(std::move(config));
    std::string listed;
    for (size_t i = 0; i < all.size(); ++i) {
      if (ffns_of(checkpoint_, all[i].anatomy) == wanted) return i;
      listed += all[i].words + "\n";
    }
    UNSCOPED_INFO(listed);
    return SIZE_MAX;
  }

 private:
  checkpoint::Checkpoint opened(const Tensors& tensors) {
    write_safetensors(scratch_ / "model.safetensors", tensors);
    return must(checkpoint::Checkpoint::open(scratch_.folder()));
  }

  Scratch scratch_;
  checkpoint::Checkpoint checkpoint_;
};

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

inline Tensors renamed(Tensors tensors, const std::function<std::string(std::string)>& name) {
  for (StoredTensor& tensor : tensors) tensor.name = name(tensor.name);
  return tensors;
}

// "t0000", "t0001", ... in the present order.
inline Tensors without_names(Tensors tensors) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    const std::string number = to_text(i);
    tensors[i].name = cat("t", std::string(4 - number.size(), '0'), number);
  }
  return tensors;
}

}  // namespace wmk::test
