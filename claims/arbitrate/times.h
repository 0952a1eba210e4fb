// Times at which independent third parties saw a statement (specs/arbitration.md 3.3).
//
// Purpose: no date that a party wrote counts, and no single authority does. Lifetime and
// thread-safety: plain values; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wmk::claims {

// Authorities and witnesses that must agree.
inline constexpr size_t kTimesRequired = 2;

struct TimeSource {
  int64_t seconds = 0;  // Unix
  std::string name;     // untrusted text: escape it
  std::string id;       // of whoever vouches: two times under one are one source
};

// The source of everything that one operator of a trusted root signs: its keys are not independent.
std::string operator_id(std::string_view name);

// When that many independent sources had seen it; nullopt: there are fewer.
std::optional<int64_t> seen_by(const std::vector<TimeSource>& sources,
                               size_t count = kTimesRequired);

}  // namespace wmk::claims
