// Scores: from a sketch to z (specs/mark.md 6).
//
// Thread-safety: pure functions.
#pragma once

#include <vector>

#include "embed/read/sketch.h"

namespace wmk::embed {

// V after the interference guard: closed entries zeroed, large singular values clipped, closed
// again. It never looks at the carrier, so the false-positive bound holds for what it leaves.
std::vector<double> guarded(const Structure& structure, Kind kind, std::vector<double> v);
PerKind<std::vector<double>> guarded(const Structure& structure, PerKind<std::vector<double>> v);
PerKind<std::vector<double>> guarded(const Structure& structure, const Sketch& sketch);

// Numerator and squared norm of z: those of several shares add up to the total's.
struct Correlation {
  double product = 0;       // <C, V>
  double norm_squared = 0;  // ||V||^2

  Correlation& operator+=(const Correlation& other) {
    product += other.product;
    norm_squared += other.norm_squared;
    return *this;
  }
  // <C, V> / ||V||; 0 where nothing was measured.
  double z() const;
};

// Ownership: correlation of one kind's carrier with its guarded sketch.
Correlation correlate(const Structure& structure, Kind kind, const std::vector<double>& v);
Correlation correlate(const Structure& structure, const PerKind<std::vector<double>>& v);

// Trace: s_l = sum of R[e] V[e] over the entries e = l mod kCodeBits, numbered through the kinds.
std::vector<double> block_sums(const Structure& trace, const PerKind<std::vector<double>>& v);

// ln of Hoeffding's bound on P(z >= t) for the largest of `hypotheses` statistics: at most 0.
double ln_p(double z, double hypotheses);

}  // namespace wmk::embed
