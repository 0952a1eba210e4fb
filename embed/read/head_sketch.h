// Sketches of heads: W = sum of T Y over all heads (specs/heads.md 4).
//
// Purpose: like sketches of neurons (sketch.h), exact fixed-point sums, so that any order of adding
// up gives the same bits. Lifetime: values. Thread-safety: each worker has its own; merge them
// afterwards.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "base/progress.h"
#include "embed/read/circuit.h"
#include "embed/read/share_readings.h"

namespace wmk::embed {

// The sketches of all shares under both tag rules.
class HeadSketchSet {
 public:
  explicit HeadSketchSet(const std::vector<Structure>& structures);

  void merge(const HeadSketchSet& other);
  // kHeadTags x r^2.
  std::vector<double> matrix(size_t structure, TagRule rule) const;
  // Sum over all heads of |Y|^2, clamped as in the sketch.
  double energy(size_t structure) const;

  uint64_t weights = 0;  // of V and O that were read
  uint64_t bytes = 0;    // read from files
  uint64_t heads = 0;    // query heads, absent ones as well
  uint64_t absent = 0;

 private:
  friend class HeadSketcher;
  friend struct SketchNumbers;
  std::vector<std::array<std::vector<int64_t>, kTagRules.size()>> sums_;  // by share
  std::vector<int64_t> energies_;
};

// heads x kHeadTags: products of two signs of B, or of two clamped entries.
void make_head_tags(const Circuits& circuits, const WipedVector<HeadTagEntries>& entries,
                    TagRule rule, std::vector<float>& tags);

// Adds layers to sketches. Holds one worker's buffers.
class HeadSketcher {
 public:
  Status absorb(const CircuitReader& reader, size_t layer, HeadSketchSet& out);
  // Adds circuits under share number `index` of the set; clamps them. Counts nothing. `limited`:
  // what they add up to is scaled down to the length that a sum of as many independent heads has,
  // where it is longer; true if its square was more than twice that.
  bool add(const Structure& share, size_t index, bool limited, Circuits& circuits,
           HeadSketchSet& out);

 private:
  CircuitReader::Scratch scratch_;
  LayerProjection projection_;
  Circuits circuits_;
  std::vector<float> tags_, product_;
};

// Adds these layers (indices into Heads::layers).
Status read_heads(const CircuitReader& reader, std::span<const size_t> layers, unsigned threads,
                  Progress* progress, HeadSketchSet& out);

// What z of any total of these shares is computed from; one for each of `shares`.
std::vector<ShareReading> read_head_shares(const std::vector<unsigned>& shares,
                                           const std::vector<Structure>& structures,
                                           const HeadSketchSet& sketches, unsigned threads);

}  // namespace wmk::embed
