// Scores: from a sketch to z (specs/mark.md 6).
//
// Thread-safety: pure functions.
#pragma once

#include <vector>

#include "embed/read/sketch.h"
#include "embed/scheme/correlation.h"

namespace wmk::embed {

// V after the interference guard: closed entries set to zero, large singular values clipped, closed
// entries set to zero again. The guard does not use the carrier, so the false-positive bound holds
// for its result.
std::vector<double> guarded(const Structure& structure, VectorKind kind, std::vector<double> v);
PerKind<std::vector<double>> guarded(const Structure& structure, PerKind<std::vector<double>> v);
PerKind<std::vector<double>> guarded(const Structure& structure, const Sketch& sketch);

// Squared norm of a sketch beside that of a random sum: the square of its length. Sums of several
// shares add up like correlations.
struct Length {
  double squared = 0;  // ||V||^2 with closed entries set to zero, before the guard
  double expected =
      0;  // of a sum of as many independent neurons: sum |y|^2 m (part of open entries)

  Length& operator+=(const Length& other) {
    squared += other.squared;
    expected += other.expected;
    return *this;
  }
  // 1 in a model without repeated neurons, more where they repeat; 1 if nothing was read.
  double value() const;
};
Length length_of(const Structure& structure, const SketchSet& sketches, size_t index, TagRule rule);

// Ownership: correlation of the carrier with the guarded sketch, for one kind and for all.
Correlation correlate(const Structure& structure, VectorKind kind, const std::vector<double>& v);
Correlation correlate(const Structure& structure, const PerKind<std::vector<double>>& v);

// Trace: s_l = sum of R[e] V[e] over the entries e = l mod kCodeBits, numbered through all kinds.
std::vector<double> block_sums(const Structure& trace, const PerKind<std::vector<double>>& v);

// ln of Hoeffding's bound on the probability that the largest of `hypotheses` statistics reaches z;
// at most 0.
double ln_p(double z, double hypotheses);

}  // namespace wmk::embed
