// The two checkpoints of a comparison, and vectors of the residual width out of either.
//
// Purpose: tests see rows of floats in the reference's coordinates, with the gain of the norm in
// front folded in, wherever and however they are stored. Lifetime: refers to opened models, which
// outlive it. Thread-safety: immutable; loading may run in parallel.
#pragma once

#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include "base/progress.h"
#include "checkpoint/layout/attention.h"
#include "checkpoint/text/tokenizer.h"
#include "lineage/evidence.h"
#include "lineage/model/basis.h"

namespace wmk::lineage {

struct Side {
  const checkpoint::Checkpoint* checkpoint = nullptr;
  const checkpoint::Config* config = nullptr;
  const checkpoint::Anatomy* anatomy = nullptr;
  const checkpoint::Vocabulary* vocabulary = nullptr;
  checkpoint::Attention attention = {};

  size_t width() const { return anatomy->width; }
};

struct Pair {
  Side suspect, reference;  // B, A
  unsigned threads = 1;
  uint64_t seed = 1;
  Progress* progress = nullptr;
};

// Layers of the suspect and of the reference that correspond (numbers as in tensor names).
struct LayerPair {
  uint64_t suspect = 0, reference = 0;
};

// Where vectors come from; without a gauge they stay in their own coordinates.
struct VectorSource {
  const Side* side = nullptr;
  checkpoint::View view;
  const std::vector<float>* gain = nullptr;
  const Gauge* gauge = nullptr;

  size_t width() const { return gauge ? gauge->to : side->width(); }
};

// Vectors of `width` numbers as rows, as they are stored.
Result<std::vector<float>> load_view(const checkpoint::Checkpoint& checkpoint,
                                     const checkpoint::View& view, size_t width, uint64_t first,
                                     uint64_t count);
// Vectors [first, first + count) as rows.
Result<std::vector<float>> load_vectors(const VectorSource& source, uint64_t first, uint64_t count);

// Looks for the side's attention; errors are those of reading.
Status find_attention(Side& side);
// The attention of a layer, or null.
const checkpoint::AttentionLayer* attention_layer(const Side& side, uint64_t number);
// Why no head of one side can stand beside one of the other; empty: it can.
std::string why_no_attention(const Pair& pair);

// Groups of units by layer: indices into Anatomy::groups.
std::vector<size_t> groups_of_layer(const checkpoint::Anatomy& anatomy, uint64_t layer);
std::vector<uint64_t> layers_with_units(const checkpoint::Anatomy& anatomy);

// Repeatable numbers for one purpose.
std::mt19937_64 random_for(uint64_t seed, std::string_view purpose);
// A whole number below `bound`; the bias of 2^-64 * bound is of no account here.
inline uint64_t below(std::mt19937_64& random, uint64_t bound) { return random() % bound; }

// Some of the coordinates below `width`, ascending.
std::vector<size_t> sampled_coordinates(size_t width, size_t count, uint64_t seed,
                                        std::string_view purpose);

double cosine(const float* a, const float* b, size_t count);

}  // namespace wmk::lineage
