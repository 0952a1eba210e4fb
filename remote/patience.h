// How long a download may take, all its attempts together.
//
// Purpose: a server that sends a few bytes now and then must not hold a run. Only time in which an
// answer was waited for counts: neither connecting nor pauses between attempts, which have limits
// of their own. Thread-safety: one caller; it lives as long as its download.
#pragma once

#include <algorithm>
#include <cstdint>

namespace wmk::remote {

class Patience {
 public:
  Patience(uint64_t grace_ms, uint64_t bytes_per_s) : left_ms_(grace_ms), rate_(bytes_per_s) {}

  // Whether an exchange that has brought `bytes` in `ms` has taken too long.
  bool is_over(uint64_t ms, uint64_t bytes) const { return ms > left_ms_ + earned_ms(bytes); }
  // At the end of an exchange.
  void spend(uint64_t ms, uint64_t bytes) {
    left_ms_ += earned_ms(bytes);
    left_ms_ -= std::min(left_ms_, ms);
  }
  uint64_t bytes_per_s() const { return rate_; }

 private:
  uint64_t earned_ms(uint64_t bytes) const { return bytes * 1000 / rate_; }

  uint64_t left_ms_;
  const uint64_t rate_;
};

}  // namespace wmk::remote
