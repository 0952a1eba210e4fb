#include "lineage/circuits/circuit_terms.h"

#include <algorithm>

#include "lineage/align/head_matching.h"
#include "lineage/model/sampling.h"
#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

constexpr size_t kMatchingMax = 64, kTestingMax = 512;

// The cosines of one head of the suspect with all heads of the reference.
struct HeadTerms {
  std::vector<double> own, others, sums;  // by coordinate; by coordinate; by head

  HeadTerms(const HeadCircuits& b, size_t head, const HeadCircuits& a, size_t matched)
      : own(b.testing), others(b.testing), sums(a.heads) {
    for (size_t g = 0; g < a.heads; ++g) {
      for (size_t t = 0; t < b.testing; ++t) {
        const double both = stats::dot(b.outer_at(head, t), a.outer_at(g, t), 2 * b.matching);
        (g == matched ? own : others)[t] += both;
        sums[g] += both;
      }
    }
  }
};

}  // namespace

CircuitCoordinates circuit_coordinates(size_t width, uint64_t seed, std::span<const size_t> taken) {
  CircuitCoordinates out;
  std::vector<size_t> rest, first(taken.begin(), taken.end());
  for (size_t i = 0; i < width; ++i) {
    if (!std::binary_search(taken.begin(), taken.end(), i)) rest.push_back(i);
  }
  auto random = random_for(seed, "circuits");
  shuffle(random, first);
  shuffle(random, rest);
  first.insert(first.end(), rest.begin(), rest.end());
  const size_t matching = std::min(kMatchingMax, width / 4);
  out.matching.assign(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(matching));
  const size_t from = std::max(matching, taken.size());
  const size_t count = std::min(kTestingMax, width - from);
  out.testing.assign(first.begin() + static_cast<std::ptrdiff_t>(from),
                     first.begin() + static_cast<std::ptrdiff_t>(from + count));
  return out;
}

LayerCircuits compare_circuits(const HeadCircuits& b, const HeadCircuits& a) {
  LayerCircuits out;
  out.x.resize(b.testing);
  out.shifted.resize(b.testing);
  const double others = a.heads > 1 ? 1 / static_cast<double>(a.heads - 1) : 0;
  for (const MatchedHeads& both : match_heads(b, a)) {
    const HeadTerms terms(b, both.suspect, a, both.reference);
    for (size_t t = 0; t < b.testing; ++t) {
      out.x[t] += terms.own[t] - others * terms.others[t];
      out.shifted[t] += stats::dot(b.outer_at(both.suspect, t),
                                   a.outer_at(both.reference, (t + 1) % b.testing), 2 * b.matching);
    }
    const double sum = terms.sums[both.reference];
    out.cosines += sum;
    ++out.heads;
    out.in_place += sum >= *std::max_element(terms.sums.begin(), terms.sums.end()) && sum > 0;
  }
  return out;
}

}  // namespace wmk::lineage
