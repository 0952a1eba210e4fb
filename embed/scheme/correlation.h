// Correlations of carriers with what was read: the numbers that z is made of.
//
// Thread-safety: plain values.
#pragma once

#include <cmath>

namespace wmk::embed {

// Numerator and squared norm of z. Those of several shares add up to those of their total.
struct Correlation {
  double product = 0;       // <C, V>
  double norm_squared = 0;  // ||V||^2

  Correlation& operator+=(const Correlation& other) {
    product += other.product;
    norm_squared += other.norm_squared;
    return *this;
  }
  // <C, V> / ||V||; 0 if V is zero.
  double z() const { return norm_squared > 0 ? product / std::sqrt(norm_squared) : 0; }
};

}  // namespace wmk::embed
