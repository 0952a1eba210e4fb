// Whether a key occurs twice among those of an object.
//
// Purpose: near linear for ordinary keys, and O(n log n) for keys that were chosen to be slow.
// Lifetime: refers to the keys. Thread-safety: one caller.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace wmk::json {

class DuplicateKey {
 public:
  void clear() { keys_.clear(); }
  void add(std::string_view key) { keys_.push_back(key); }
  // A key that was added twice since clear(); of several, the same one in any order of adding.
  std::optional<std::string_view> find();

 private:
  bool has_different_hashes();

  std::vector<std::string_view> keys_;
  std::vector<size_t> slots_;
  std::vector<std::pair<size_t, std::string_view>> sorted_;
};

}  // namespace wmk::json
