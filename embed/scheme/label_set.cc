#include "embed/scheme/label_set.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "crypto/blake2b.h"

namespace wmk::embed {

uint64_t label_hash(std::string_view label) {
  std::array<std::byte, sizeof(uint64_t)> hash;
  crypto::blake2b({}, as_bytes(label), hash);
  return load_le<uint64_t>(hash.data());
}

std::vector<uint64_t> label_hashes(const checkpoint::Vocabulary& vocabulary) {
  std::vector<uint64_t> out;
  for (uint64_t row = 0; row < vocabulary.strings.size(); ++row) {
    const std::string& label = vocabulary.strings[row];
    if (label != checkpoint::id_label(row)) out.push_back(label_hash(label));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

double label_difference(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) {
  std::vector<uint64_t> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  const size_t larger = std::max(a.size(), b.size());
  if (larger == 0) return 0;
  // Both parts have the same common labels, so the larger set lacks more.
  return 1 - static_cast<double>(both.size()) / static_cast<double>(larger);
}

}  // namespace wmk::embed
