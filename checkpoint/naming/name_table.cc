#include "checkpoint/naming/name_table.h"

namespace wmk::checkpoint {

NameTable NameTable::make(const std::vector<Tensor>& tensors) {
  NameTable out;
  out.entries.reserve(tensors.size());
  std::unordered_map<std::string, size_t> known;
  for (const Tensor& tensor : tensors) {
    CanonicalName name = canonical_name(tensor.name);
    const auto [at, is_new] = known.emplace(std::move(name.pattern), out.patterns.size());
    if (is_new) out.patterns.push_back(at->first);
    out.entries.push_back({at->second, std::move(name.numbers), name.is_bias});
  }
  return out;
}

// No rule has an empty pattern.
void NameTable::hide(size_t tensor) {
  if (patterns.empty() || !patterns.back().empty()) patterns.emplace_back();
  entries[tensor].pattern = patterns.size() - 1;
}

std::vector<const Rule*> NameTable::rules_of(const NamingFamily& family) const {
  std::vector<const Rule*> out;
  out.reserve(patterns.size());
  for (const std::string& pattern : patterns) out.push_back(family.find(pattern));
  return out;
}

}  // namespace wmk::checkpoint
