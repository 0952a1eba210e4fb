#include "lineage/circuits/circuit_terms.h"

#include <algorithm>

#include "lineage/align/head_matching.h"
#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

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
    const auto best = std::max_element(terms.sums.begin(), terms.sums.end());
    out.in_place += best == terms.sums.begin() + static_cast<std::ptrdiff_t>(both.reference);
  }
  return out;
}

}  // namespace wmk::lineage
