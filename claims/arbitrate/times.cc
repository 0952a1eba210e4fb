#include "claims/arbitrate/times.h"

#include <algorithm>
#include <map>

#include "base/text.h"

namespace wmk::claims {

std::string operator_id(std::string_view name) { return cat("operator:", name); }

std::optional<int64_t> seen_by(const std::vector<TimeSource>& sources, size_t count) {
  std::map<std::string, int64_t> earliest;
  for (const TimeSource& each : sources) {
    const auto [at, is_new] = earliest.try_emplace(each.id, each.seconds);
    if (!is_new) at->second = std::min(at->second, each.seconds);
  }
  if (count == 0 || earliest.size() < count) return std::nullopt;
  std::vector<int64_t> times;
  for (const auto& [id, seconds] : earliest) times.push_back(seconds);
  std::ranges::sort(times);
  return times[count - 1];
}

}  // namespace wmk::claims
