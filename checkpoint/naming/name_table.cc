#include "checkpoint/naming/name_table.h"

namespace wmk::checkpoint {

namespace {

// The pattern with its last '#' replaced by the number it stands for, if that is one digit.
std::string with_last_number(const CanonicalName& name) {
  if (name.numbers.empty() || name.numbers.back() > 9) return {};
  // A '#' of the name itself is doubled and part of a longer segment.
  for (size_t at = name.pattern.rfind('#'); at != std::string::npos;
       at = name.pattern.rfind('#', at - 1)) {
    const bool begins = at == 0 || name.pattern[at - 1] == '.';
    const bool ends = at + 1 == name.pattern.size() || name.pattern[at + 1] == '.';
    if (begins && ends) {
      std::string out = name.pattern;
      out[at] = static_cast<char>('0' + name.numbers.back());
      return out;
    }
    if (at == 0) break;
  }
  return {};
}

}  // namespace

NameTable NameTable::make(const std::vector<Tensor>& tensors) {
  std::vector<CanonicalName> names;
  names.reserve(tensors.size());
  for (const Tensor& tensor : tensors) names.push_back(canonical_name(tensor.name));
  return of(std::move(names));
}

NameTable NameTable::of(std::vector<CanonicalName> names) {
  NameTable out;
  out.entries.reserve(names.size());
  std::unordered_map<std::string, size_t> known;
  for (CanonicalName& name : names) {
    NamePattern pattern{name.pattern, with_last_number(name)};
    const std::string& key = pattern.spelled.empty() ? pattern.canonical : pattern.spelled;
    const auto [at, is_new] = known.emplace(key, out.patterns.size());
    if (is_new) out.patterns.push_back(std::move(pattern));
    out.entries.push_back({at->second, std::move(name.numbers), name.is_bias});
  }
  return out;
}

// No rule has an empty pattern.
void NameTable::hide(size_t tensor) {
  if (patterns.empty() || !patterns.back().canonical.empty()) patterns.emplace_back();
  entries[tensor].pattern = patterns.size() - 1;
}

std::vector<const Rule*> NameTable::rules_of(const NamingFamily& family) const {
  std::vector<const Rule*> out;
  out.reserve(patterns.size());
  for (const NamePattern& pattern : patterns) {
    const Rule* rule = pattern.spelled.empty() ? nullptr : family.find(pattern.spelled);
    out.push_back(rule != nullptr ? rule : family.find(pattern.canonical));
  }
  return out;
}

}  // namespace wmk::checkpoint
