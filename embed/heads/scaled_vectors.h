// Vectors of heads of any magnitude, in coordinates of frames (specs/careful_heads.md 1).
//
// Purpose: each vector is divided by a power of two that is kept apart, so that no product of two
// overflows or vanishes. Lifetime: a reader refers to its CircuitReader. Thread-safety: belongs to
// one worker.
#pragma once

#include <vector>

#include "embed/read/circuit.h"

namespace wmk::embed {

struct ScaledVectors {
  size_t vectors = 0;
  std::vector<float> y;        // columns x vectors
  std::vector<int> exponents;  // coordinates are y times 2^exponent; y is not finite where they are
};

class ScaledReader {
 public:
  explicit ScaledReader(const CircuitReader& circuits) : circuits_(circuits) {}

  // Projects `vectors` vectors of a view, with the norm weight of `onto` folded in.
  Status read(const checkpoint::View& view, size_t vectors, const Onto& onto, ScaledVectors& out);
  // V and O of a layer.
  Status read_layer(size_t layer, ScaledVectors& v, ScaledVectors& o);
  // Read from files so far.
  uint64_t bytes() const { return bytes_; }

 private:
  void take_exponents(ScaledVectors& out);
  Status read_again(const checkpoint::View& view, const Onto& onto, ScaledVectors& out);

  const CircuitReader& circuits_;
  CircuitReader::Scratch scratch_;
  ProjectedVectors projected_;
  LayerProjection layer_;
  std::vector<uint8_t> again_;  // vectors whose squares may have overflowed or vanished
  std::vector<double> wide_;
  std::vector<float> row_, y_;
  uint64_t bytes_ = 0;
};

}  // namespace wmk::embed
