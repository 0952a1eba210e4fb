// How much a mark changed the weights.
//
// Lifetime: values. Thread-safety: plain values.
#pragma once

#include <cstdint>
#include <string>

namespace wmk::embed {

// How much a mark changed: sums over the folded vectors of all units that were not skipped.
struct Change {
  double difference_squared = 0;  // before rounding
  double norm_squared = 0;
  uint64_t units = 0;  // all, including those that were skipped
  uint64_t skipped = 0;
  uint64_t not_finite = 0;

  Change& operator+=(const Change& other);
  // ||delta w|| / ||w||.
  double relative() const;
  // Why units were skipped: "1200 have a vector of zeros, 34 hold NaN or infinity".
  std::string reason() const;
};

}  // namespace wmk::embed
