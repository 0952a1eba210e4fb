#include "checkpoint/shapes/folded_names.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <unordered_map>

#include "checkpoint/shapes/name_words.h"

namespace wmk::checkpoint {

namespace {

// Far more than any model has; above it names are not folded.
constexpr size_t kTensorsFolded = 1 << 18;
constexpr size_t kPrefixWordsMax = 8;
constexpr size_t kWordsMax = 24;
constexpr size_t kFoldedMax = 16;
constexpr size_t kPrefixesMax = 3;

// Words for one thing in names of many projects.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kSynonyms = {{
    {"layer", "layers"},
    {"h", "layers"},
    {"blk", "layers"},
    {"block", "layers"},
    {"blocks", "layers"},
    {"ffn", "mlp"},
    {"ff", "mlp"},
}};

// Words of the name, with one word for one thing.
std::vector<std::string> words_in(std::string_view name) {
  std::vector<std::string> out = name_words(name);
  for (std::string& word : out) {
    for (const auto& [from, to] : kSynonyms) {
      if (word == from) word = std::string(to);
    }
  }
  return out;
}

struct Known {
  size_t family;
  std::string_view pattern;  // of its rule
};
using KnownNames = std::unordered_map<std::string, std::vector<Known>>;

KnownNames known_names(std::span<const NamingFamily* const> families) {
  KnownNames out;
  for (size_t i = 0; i < families.size(); ++i) {
    for (const std::string_view pattern : families[i]->patterns()) {
      std::string key;
      for (const std::string& word : words_in(pattern)) key += word;
      out[key].push_back({i, pattern});
    }
  }
  return out;
}

struct Match {
  size_t tensor;
  std::string_view pattern;
  std::vector<uint64_t> numbers;
  bool is_bias;
};
// By prefix (words in front of the known name).
using Matches = std::map<std::string, std::vector<Match>>;

// The words without prefix, as a key: numbers are '#', of which the last may stay a digit.
std::string key_of(std::span<const std::string> words, bool spelled,
                   std::vector<uint64_t>& numbers) {
  std::string key;
  size_t last = words.size();
  while (last > 0 && !number_in(words[last - 1])) --last;
  for (size_t i = 0; i < words.size(); ++i) {
    const auto number = number_in(words[i]);
    if (!number || (spelled && i + 1 == last)) {
      key += words[i];
    } else {
      key += '#';
      numbers.push_back(*number);
    }
  }
  return key;
}

class Folding {
 public:
  Folding(const std::vector<Tensor>& tensors, std::span<const NamingFamily* const> families)
      : tensors_(tensors), families_(families), known_(known_names(families)) {
    matches_.resize(families.size());
    for (size_t i = 0; i < tensors.size(); ++i) add(i);
  }

  std::vector<FoldedNames> take() const {
    std::vector<FoldedNames> out;
    for (size_t i = 0; i < families_.size(); ++i) {
      std::vector<std::pair<size_t, std::string>> prefixes;
      for (const auto& [prefix, matches] : matches_[i]) {
        if (has_ffn(*families_[i], matches)) prefixes.emplace_back(matches.size(), prefix);
      }
      std::sort(prefixes.rbegin(), prefixes.rend());
      if (prefixes.size() > kPrefixesMax) prefixes.resize(kPrefixesMax);
      for (const auto& [count, prefix] : prefixes) {
        if (auto folded = fold(i, prefix)) out.push_back(*std::move(folded));
      }
    }
    std::stable_sort(out.begin(), out.end(), [](const FoldedNames& a, const FoldedNames& b) {
      return a.recognised > b.recognised;
    });
    if (out.size() > kFoldedMax) out.resize(kFoldedMax);
    return out;
  }

 private:
  void add(size_t tensor) {
    std::vector<std::string> words = words_in(tensors_[tensor].name);
    if (words.empty() || words.size() > kWordsMax) return;
    const bool is_bias = words.back() == "bias";
    if (words.size() > 1 && (is_bias || words.back() == "weight" || words.back() == "kernel")) {
      words.pop_back();
    }
    std::vector<bool> found(families_.size());
    std::string prefix;
    for (size_t first = 0; first < std::min(words.size(), kPrefixWordsMax + 1); ++first) {
      if (first > 0) prefix += words[first - 1] + " ";
      for (const bool spelled : {true, false}) {
        std::vector<uint64_t> numbers;
        const auto at = known_.find(key_of(std::span(words).subspan(first), spelled, numbers));
        if (at == known_.end()) continue;
        for (const Known& known : at->second) {
          if (found[known.family]) continue;
          found[known.family] = true;
          matches_[known.family][prefix].push_back({tensor, known.pattern, numbers, is_bias});
        }
      }
    }
  }

  static bool has_ffn(const NamingFamily& family, const std::vector<Match>& matches) {
    return std::any_of(matches.begin(), matches.end(), [&](const Match& match) {
      return is_ffn_matrix(family.find(match.pattern)->role);
    });
  }

  std::optional<FoldedNames> fold(size_t family, const std::string& prefix) const {
    std::vector<CanonicalName> names(tensors_.size());
    FoldedNames out{.family = families_[family]};
    bool has_embedding = false;
    const auto take = [&](const Match& match) {
      names[match.tensor] = {std::string(match.pattern), match.numbers, match.is_bias};
      ++out.recognised;
    };
    for (const auto& [other, matches] : matches_[family]) {
      if (!prefix.starts_with(other) && !other.starts_with(prefix)) continue;
      for (const Match& match : matches) {
        const bool is_embedding =
            families_[family]->find(match.pattern)->role == Role::token_embedding;
        if ((is_embedding && has_embedding) || (other.size() > prefix.size() && !is_embedding)) {
          continue;
        }
        has_embedding |= is_embedding;
        take(match);
      }
    }
    if (!has_embedding) return std::nullopt;
    out.names = NameTable::of(names);
    return out;
  }

  const std::vector<Tensor>& tensors_;
  std::span<const NamingFamily* const> families_;
  KnownNames known_;
  std::vector<Matches> matches_;  // by family
};

}  // namespace

std::vector<FoldedNames> fold_names(const std::vector<Tensor>& tensors,
                                    std::span<const NamingFamily* const> families) {
  if (tensors.size() > kTensorsFolded) return {};
  return Folding(tensors, families).take();
}

}  // namespace wmk::checkpoint
