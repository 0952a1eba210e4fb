#include "base/duplicate_key.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace wmk::json {

namespace {

constexpr size_t kFew = 8;
constexpr size_t kStepsOfKey = 8;  // on average, before sorting is faster

size_t hash_of(std::string_view key) { return std::hash<std::string_view>()(key); }

}  // namespace

// A table of hashes; false also where it would take too many steps.
bool DuplicateKey::has_different_hashes() {
  const size_t mask = std::bit_ceil(2 * keys_.size()) - 1;
  slots_.assign(mask + 1, 0);
  size_t steps = kStepsOfKey * keys_.size();
  for (const std::string_view key : keys_) {
    const size_t hash = hash_of(key);
    if (hash == 0) return false;  // the mark of an empty slot
    size_t at = hash & mask;
    for (; slots_[at] != 0; at = (at + 1) & mask) {
      if (slots_[at] == hash || --steps == 0) return false;
    }
    slots_[at] = hash;
  }
  return true;
}

std::optional<std::string_view> DuplicateKey::find() {
  const bool few = keys_.size() <= kFew;
  if (!few && has_different_hashes()) return std::nullopt;
  sorted_.clear();
  for (const std::string_view key : keys_) sorted_.emplace_back(few ? 0 : hash_of(key), key);
  std::sort(sorted_.begin(), sorted_.end());
  const auto twice = std::adjacent_find(sorted_.begin(), sorted_.end());
  return twice == sorted_.end() ? std::nullopt : std::optional(twice->second);
}

}  // namespace wmk::json
