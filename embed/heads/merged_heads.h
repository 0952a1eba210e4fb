// The heads of one layer, those of one pattern merged (specs/careful_heads.md 2, 3).
//
// Purpose: reads a layer once; gives the circuits of its merged heads under each share, their
// strengths and bands. Lifetime: refers to its arguments. Thread-safety: belongs to one worker.
#pragma once

#include "embed/heads/same_pattern.h"
#include "embed/read/band.h"
#include "embed/read/head_sketch.h"

namespace wmk::embed {

using HeadBand = BandOf<HeadSketchSet>;
using HeadBands = BandsOf<HeadSketchSet>;

class MergedHeads {
 public:
  MergedHeads(const checkpoint::Checkpoint& checkpoint, const CircuitReader& circuits)
      : circuits_(circuits), reader_(circuits), patterns_(checkpoint, circuits) {}

  Status read(size_t layer);
  // The bands of its heads, without sketches.
  HeadBands counted() const;
  // Adds the heads, but not their numbers, to those of their bands that have sketches, and ends the
  // use of this layer.
  void sketch(HeadBands& bands);

  uint64_t heads() const;                      // of the layer, in the file
  uint64_t absent() const { return absent_; }  // of those, or sums of them that vanish
  uint64_t bytes() const { return reader_.bytes(); }

 private:
  void multiply(size_t share, Circuits& out, std::vector<double>& log2_lengths);
  double add_circuit(size_t head, size_t first_column, int top, std::vector<float>& sum);
  int top_exponent(size_t head) const;
  static Circuits part_of(const Circuits& all, const std::vector<size_t>& heads);

  const CircuitReader& circuits_;
  ScaledReader reader_;
  SamePattern patterns_;
  HeadSketcher sketcher_;
  ScaledVectors v_, o_;
  size_t layer_ = 0;
  std::vector<std::vector<uint32_t>> sets_;  // of heads, each one head after merging
  Circuits first_;                           // under the first share
  std::vector<double> strengths_;            // log2 |A|, by set; -infinity: absent
  uint64_t absent_ = 0;
  std::vector<float> po_, vp_, one_, both_[2], factors_;
};

}  // namespace wmk::embed
