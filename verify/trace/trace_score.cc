#include "verify/trace/trace_score.h"

#include "embed/scheme/keys.h"

namespace wmk::verify {

namespace {

constexpr size_t kHard = static_cast<size_t>(embed::TagRule::hard);

// The statistics of a hypothesis, and what each has to say of itself.
struct Statistics {
  embed::CodeSums sums;
  std::vector<Statistic> list;
  std::vector<TraceScore> about;  // by statistic, without what it found

  void add_ffn(TraceFfn& ffn, double price) {
    for (size_t rule = 0; rule < ffn.sums.size(); ++rule) {
      list.push_back({.ffn = rule, .price = price});
      about.push_back({.price = price,
                       .expected_z = ffn.expected_z[rule],
                       .weights = ffn.weights,
                       .length = ffn.length[rule],
                       .tags = embed::kTagRules[rule]});
    }
    sums.ffn = std::move(ffn.sums);
  }

  void add_head(TraceHead& head, double price, const TraceScore& ffn) {
    for (size_t i = 0; i < head.sums.size(); ++i) {
      const size_t output = sums.output.size(), pairs = embed::kOutputPairCounts[i];
      const double expected = head.expected_z(pairs);
      const uint64_t weights = head.rows * head.width;
      sums.output.push_back(std::move(head.sums[i]));
      list.push_back({.output = output, .price = price, .shows_nobody = false});
      about.push_back({.site = TraceSite::output,
                       .price = price,
                       .expected_z = expected,
                       .weights = weights,
                       .pairs = pairs});
      if (expected < embed::kOutputExpectedMin) continue;
      list.push_back(both_sites(kHard, output, ffn.expected_z, expected, price));
      about.push_back({.site = TraceSite::both,
                       .price = price,
                       .expected_z = list.back().z(ffn.expected_z, expected),
                       .weights = ffn.weights + weights,
                       .length = ffn.length,
                       .pairs = pairs});
    }
  }
};

}  // namespace

TraceScore score_licensees(TraceFfn ffn, TraceHeads heads, double price,
                           const TraceRequest& request) {
  Statistics all;
  all.add_ffn(ffn, price);
  const TraceScore of_ffn = all.about[kHard];
  for (TraceHead& head : heads.read) all.add_head(head, heads.price(price), of_ffn);
  const crypto::SecretBytes trace = embed::trace_key(*request.master);
  Rounds found = name_licensees(all.sums, all.list,
                                {.trace = &trace,
                                 .licensees = request.licensees,
                                 .alpha = request.alpha,
                                 .threads = request.threads,
                                 .listed_min = request.listed_min});
  TraceScore out = std::move(all.about[found.statistic]);
  out.found = std::move(found);
  return out;
}

}  // namespace wmk::verify
