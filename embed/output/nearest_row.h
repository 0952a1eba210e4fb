// The nearest row of a labelled head, and whether rounding could have made it another one
// (specs/output.md 7).
//
// Thread-safety: values.
#pragma once

#include <cstdint>
#include <limits>

namespace wmk::embed {

// What a row of a suspect has seen of the rows of a labelled head.
class NearestRow {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // `reach`: how much smaller or larger this distance could be by rounding.
  void add(float distance, float reach, uint32_t index);
  // Distances above this one change nothing; `reach`: the largest.
  float limit(float reach) const { return high_.second + reach; }

  // The row that is clearly the nearest to a row of this length, or kNone.
  uint32_t match(float length) const;
  float distance() const { return plain_.first; }
  // ln of the number of answers that rounding could have given to match(): 0 if there is one.
  // `rows`: of the labelled head.
  double ln_choices(float length, uint64_t rows) const;

 private:
  // The two smallest values, and where the smallest is.
  struct Least {
    float first = std::numeric_limits<float>::infinity(), second = first;
    uint32_t at = kNone;

    void add(float value, uint32_t index);
    // The smallest of the others.
    float without(uint32_t index) const { return at == index ? second : first; }
  };
  Least plain_, low_, high_;  // as they are, and as far below and above as rounding reaches
};

}  // namespace wmk::embed
