// Deviation and tail of many z under the null hypothesis, compared with Hoeffding's bound.
//
// Lifetime: a value. Thread-safety: one caller.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.h"

namespace wmk::test {

// How many keys a test of the null hypothesis reads: WMK_NULL_KEYS, or as usual.
inline size_t null_keys(size_t usual) {
  const char* number = std::getenv("WMK_NULL_KEYS");
  return number ? std::strtoul(number, nullptr, 10) : usual;
}

class NullStatistics {
 public:
  void add(double z) { values_.push_back(z); }
  size_t count() const { return values_.size(); }

  // Around 0, the mean under the null hypothesis.
  double deviation() const {
    double squares = 0;
    for (double z : values_) squares += z * z;
    return std::sqrt(squares / static_cast<double>(values_.size()));
  }
  double mean() const {
    double sum = 0;
    for (double z : values_) sum += z;
    return sum / static_cast<double>(values_.size());
  }
  double largest_size() const {
    double out = 0;
    for (double z : values_) out = std::max(out, std::abs(z));
    return out;
  }
  size_t at_least(double t) const {
    return static_cast<size_t>(
        std::count_if(values_.begin(), values_.end(), [t](double z) { return z >= t; }));
  }
  // How far the deviation may be from 1: four times its own deviation or more, from 200 keys.
  double allowed_deviation() const { return count() < 2000 ? 0.2 : 0.07; }
  // The count that Hoeffding's bound allows, plus four standard deviations of that count.
  double allowed_at_least(double t) const {
    const double n = static_cast<double>(values_.size()), p = std::exp(-t * t / 2);
    return n * p + 4 * std::sqrt(n * p * (1 - p));
  }
  std::string text() const {
    std::string out =
        cat(count(), " keys: mean ", fixed(mean(), 3), ", deviation ", fixed(deviation(), 3),
            ", largest ", fixed(*std::max_element(values_.begin(), values_.end()), 2));
    for (int t = 1; t <= 4; ++t) {
      const double n = static_cast<double>(count());
      out += cat("; P(z >= ", t, ") = ", fixed(static_cast<double>(at_least(t)) / n, 5),
                 " <= ", fixed(std::exp(-t * t / 2.0), 5));
    }
    return out;
  }

 private:
  std::vector<double> values_;
};

}  // namespace wmk::test
