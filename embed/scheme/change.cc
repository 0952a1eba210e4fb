#include "embed/scheme/change.h"

#include <cmath>

#include "base/text.h"

namespace wmk::embed {

Change& Change::operator+=(const Change& other) {
  difference_squared += other.difference_squared;
  norm_squared += other.norm_squared;
  units += other.units;
  skipped += other.skipped;
  not_finite += other.not_finite;
  return *this;
}

double Change::relative() const {
  return norm_squared > 0 ? std::sqrt(difference_squared / norm_squared) : 0;
}

std::string Change::reason() const {
  const uint64_t zeros = skipped - not_finite;
  std::string out = zeros > 0 ? cat(zeros, " have a vector of zeros") : "";
  if (not_finite == 0) return out;
  return out + cat(zeros > 0 ? ", " : "", not_finite, " hold NaN or infinity");
}

}  // namespace wmk::embed
