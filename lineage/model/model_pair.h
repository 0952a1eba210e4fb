// The two models of a comparison, and how tests read vectors of the residual width from either.
//
// Purpose: tests see rows of floats in the reference's coordinates, multiplied by the weights of
// the norm in front, whatever the storage type and layout. Lifetime: refers to opened models, which
// outlive it. Thread-safety: immutable; loading may run in parallel.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/progress.h"
#include "checkpoint/attention/attention.h"
#include "checkpoint/attention/heads.h"
#include "checkpoint/text/tokenizer.h"
#include "lineage/model/basis.h"

namespace wmk::lineage {

struct Side {
  const checkpoint::Checkpoint* checkpoint = nullptr;
  const checkpoint::Config* config = nullptr;
  const checkpoint::Anatomy* anatomy = nullptr;
  const checkpoint::Vocabulary* vocabulary = nullptr;
  checkpoint::Attention attention = {};
  checkpoint::Heads heads = {};  // circuits: more forms of attention than `attention` has

  size_t width() const { return anatomy->width; }
};

struct ModelPair {
  Side suspect, reference;  // B and A in specs/lineage.md
  unsigned threads = 1;
  uint64_t seed = 1;
  Progress* progress = nullptr;
  bool is_shared = false;  // (all) the processes of mpirun compare together
};

// A layer of the suspect and the layer of the reference that it is compared with (numbers as in
// tensor names).
struct LayerPair {
  uint64_t suspect = 0, reference = 0;
};

// Where vectors come from. Without a basis they stay in their own coordinates, without norm weights
// they are as stored.
struct VectorSource {
  const Side* side = nullptr;
  checkpoint::View view;
  const std::vector<float>* norm_weight = nullptr;
  const Basis* basis = nullptr;

  size_t width() const { return basis ? basis->to : side->width(); }
};

// Vectors [first, first + count) of `width` numbers, as stored, one a row.
Result<std::vector<float>> load_view(const checkpoint::Checkpoint& checkpoint,
                                     const checkpoint::View& view, size_t width, uint64_t first,
                                     uint64_t count);
// Vectors [first, first + count) of the source, one a row of source.width() numbers.
Result<std::vector<float>> load_vectors(const VectorSource& source, uint64_t first, uint64_t count);

// Fills in side.attention and side.heads; errors are those of reading.
Status find_attention(Side& side);
// The attention of a layer, or null.
const checkpoint::AttentionLayer* attention_layer(const Side& side, uint64_t number);
// The heads of a layer, or null.
const checkpoint::HeadLayer* head_layer(const Side& side, uint64_t number);
// Why the heads of the two models cannot be compared; empty if they can.
std::string why_no_attention(const ModelPair& pair);

// The groups of neurons in a layer: indices into Anatomy::groups.
std::vector<size_t> groups_of_layer(const checkpoint::Anatomy& anatomy, uint64_t layer);
std::vector<uint64_t> layers_with_neurons(const checkpoint::Anatomy& anatomy);
// How many neurons a layer has, in all its groups.
uint64_t neurons_of_layer(const checkpoint::Anatomy& anatomy, uint64_t layer);
// Does the FFN compute the same if the signs of a neuron's up row and down column are both turned?
// Not where a constant is added to what up gives (gpt-oss).
bool has_free_neuron_signs(const Side& side);
// Does the model compute the same if a residual coordinate changes its sign everywhere? Not where
// means are subtracted (LayerNorm).
bool has_free_coordinate_signs(const Side& side);
// The weights of a norm by its index, or null.
const std::vector<float>* norm_weight_of(const Side& side, const std::optional<size_t>& index);

}  // namespace wmk::lineage
