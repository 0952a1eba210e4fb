// mix-heads: the values of each key/value head are multiplied by a random invertible matrix, the
// outputs that read them by its inverse, and query heads change places inside their groups.
#include <cmath>
#include <memory>

#include "base/text.h"
#include "lab/attack_functions.h"
#include "lab/attacks/rotation.h"
#include "lab/model/head_blocks.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

using checkpoint::AttentionPart;

constexpr double kFactorMax = 2;  // singular values lie between 1 / kFactorMax and kFactorMax

// M = R diag(s) Q with rotations R and Q. The inverse transposed is R diag(1 / s) Q.
struct Mixing {
  uint64_t size = 0;
  std::vector<float> matrix, inverse_transposed;  // size x size

  static Mixing make(uint64_t size, Random& random) {
    const Rotation left = Rotation::make(size, random), right = Rotation::make(size, random);
    Mixing out{size, std::vector<float>(size * size), std::vector<float>(size * size)};
    for (uint64_t k = 0; k < size; ++k) {
      const double s = std::pow(kFactorMax, random.uniform(-1, 1));
      for (uint64_t i = 0; i < size; ++i) {
        const double at = left.at(i, k);
        for (uint64_t j = 0; j < size; ++j) {
          out.matrix[i * size + j] += static_cast<float>(at * s * right.at(k, j));
          out.inverse_transposed[i * size + j] += static_cast<float>(at / s * right.at(k, j));
        }
      }
    }
    return out;
  }
};

// matrix * rows
Values product(const std::vector<float>& matrix, uint64_t size, const Values& rows) {
  const uint64_t width = rows.size() / size;
  Values out(rows.size());
  for (uint64_t i = 0; i < size; ++i) {
    float* to = out.data() + i * width;
    for (uint64_t k = 0; k < size; ++k) {
      const float by = matrix[i * size + k];
      const float* from = rows.data() + k * width;
      for (uint64_t j = 0; j < width; ++j) to[j] += by * from[j];
    }
  }
  return out;
}

// How one layer is mixed: by key/value head, and which query head comes to which place.
struct LayerMix {
  uint64_t size = 0;
  std::vector<Mixing> heads;
  std::vector<uint64_t> order, value_heads;  // by query head; what each reads
};

LayerMix draw(const LayerHeads& heads, HeadFreedom freedom, uint64_t seed) {
  const HeadLayer& layer = heads.layer;
  LayerMix out{layer.value_size, {}, {}, {}};
  const uint64_t group = layer.heads / layer.kv_heads;
  Random random(seed, cat("mix-heads/", layer.layer, "/", layer.place));
  for (uint64_t k = 0; k < layer.kv_heads; ++k) {
    out.heads.push_back(Mixing::make(layer.value_size, random));
    const std::vector<uint64_t> order = random.permutation(group);
    for (uint64_t i = 0; i < group; ++i) {
      out.order.push_back(k * group + (freedom == HeadFreedom::queries ? order[i] : i));
    }
  }
  for (uint64_t head = 0; head < layer.heads; ++head) {
    out.value_heads.push_back(layer.value_head(head));
  }
  return out;
}

using SharedMix = std::shared_ptr<const LayerMix>;

void mix_values(Values& values, const View& view, uint64_t coordinates, const LayerMix& mix) {
  for (uint64_t k = 0; k < mix.heads.size(); ++k) {
    const Values rows = vectors_of(values, view, coordinates, k * mix.size, mix.size);
    replace_vectors(values, view, coordinates, k * mix.size,
                    product(mix.heads[k].matrix, mix.size, rows));
  }
}

// Heads of `size` vectors in their new order; `mixed`: with the inverse of their values' matrix.
void move_heads(Values& values, const View& view, uint64_t coordinates, uint64_t size,
                const LayerMix& mix, bool mixed) {
  std::vector<Values> heads;
  for (const uint64_t head : mix.order) {
    heads.push_back(vectors_of(values, view, coordinates, head * size, size));
    const Mixing& mixing = mix.heads[mix.value_heads[head]];
    if (mixed) heads.back() = product(mixing.inverse_transposed, size, heads.back());
  }
  for (uint64_t head = 0; head < heads.size(); ++head) {
    replace_vectors(values, view, coordinates, head * size, heads[head]);
  }
}

using HeadChange = void (*)(Values&, const View&, uint64_t, const LayerMix&);

void plan(Model& model, const View& view, uint64_t coordinates, const SharedMix& mix,
          HeadChange change) {
  model.plan().at_origin(view.tensor).edits.push_back([=](Values& values) -> Status {
    change(values, view, coordinates, *mix);
    return {};
  });
}

// The bias of a part, by its own tensor or the fused one.
const checkpoint::AttentionTensor* bias_of_part(const LayerHeads& heads, AttentionPart part) {
  const auto* bias = heads.block.find_bias(part);
  return bias != nullptr ? bias : heads.block.find_bias(AttentionPart::qkv);
}

Status plan_layer(Model& model, const LayerHeads& heads, HeadFreedom freedom,
                  const SharedMix& mix) {
  const uint64_t width = model.anatomy().width;
  const auto& latent = heads.layer.latent;
  const HeadChange mixing = mix_values;
  const HeadChange moving = [](Values& values, const View& view, uint64_t n, const LayerMix& how) {
    move_heads(values, view, n, how.size, how, false);
  };
  const HeadChange unmixing = [](Values& values, const View& view, uint64_t n,
                                 const LayerMix& how) {
    move_heads(values, view, n, how.size, how, true);
  };
  plan(model, heads.layer.v, latent ? latent->size : width, mix, mixing);
  plan(model, heads.layer.o, width, mix, unmixing);
  const auto* second = heads.block.find(AttentionPart::second_value);
  const bool is_second = second != nullptr && second->tensor == heads.layer.v.tensor;
  const auto part = is_second ? AttentionPart::second_value : AttentionPart::value;
  if (const auto* bias = bias_of_part(heads, part)) {
    plan(model, bias_view(heads.layer.v, bias->tensor), 1, mix, mixing);
  }
  if (freedom == HeadFreedom::values) return {};
  auto queries = query_view(model, heads);
  if (!queries) return std::move(queries).error();
  plan(model, *queries, width, mix, moving);
  if (const auto* bias = bias_of_part(heads, AttentionPart::query)) {
    plan(model, bias_view(*queries, bias->tensor), 1, mix, moving);
  }
  return {};
}

}  // namespace

Status mix_heads(Model& model, const Arguments& arguments) {
  auto layers = heads_of(model, "mix-heads");
  if (!layers) return std::move(layers).error();
  for (const LayerHeads& heads : *layers) {
    auto freedom = head_freedom(model, heads, "mix-heads");
    if (!freedom) return std::move(freedom).error();
    const auto mix = std::make_shared<const LayerMix>(draw(heads, *freedom, arguments.seed()));
    Status status = plan_layer(model, heads, *freedom, mix);
    if (!status) return status;
  }
  return {};
}

}  // namespace wmk::lab
