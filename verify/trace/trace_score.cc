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
      const size_t pairs = embed::kOutputPairCounts[i];
      const double expected = head.expected_z(pairs);
      const TraceScore own{.site = TraceSite::output,
                           .price = price,
                           .expected_z = expected,
                           .weights = head.rows * head.width,
                           .pairs = pairs,
                           .head = head.name};
      const size_t output = sums.output.size();
      sums.output.push_back(std::move(head.sums[i]));
      add_output({.output = output, .price = price, .shows_nobody = false}, own);
      if (expected < embed::kOutputExpectedMin) continue;
      add_both(both_sites(kHard, output, ffn.expected_z, expected, price), own, ffn);
    }
  }

  // The head as number `output` of the scores of heads.
  void add_own(const TraceHead& head, size_t output, double price, const TraceScore& ffn) {
    const double expected = embed::own_directions_expected_z(head.rows, head.own->pairs());
    const TraceScore own{.site = TraceSite::output,
                         .price = price,
                         .expected_z = expected,
                         .weights = head.rows * head.width,
                         .pairs = head.own->pairs(),
                         .own_directions = true,
                         .head = head.name};
    add_output({.output = output, .price = price, .shows_nobody = false}, own);
    add_both(both_sites_alike(kHard, output, ffn.expected_z, expected, price), own, ffn);
  }

 private:
  void add_output(const Statistic& by, const TraceScore& what) {
    list.push_back(by);
    about.push_back(what);
  }

  void add_both(const Statistic& by, TraceScore output, const TraceScore& ffn) {
    output.expected_z = by.z(ffn.expected_z, output.expected_z);
    output.site = TraceSite::both;
    output.weights += ffn.weights;
    output.length = ffn.length;
    add_output(by, output);
  }
};

}  // namespace

TraceScore score_licensees(TraceFfn ffn, TraceHeads heads, double price,
                           const TraceRequest& request) {
  Statistics all;
  all.add_ffn(ffn, price);
  const TraceScore of_ffn = all.about[kHard];
  for (TraceHead& head : heads.read) all.add_head(head, heads.span_price(price), of_ffn);
  OwnHeads own_heads;
  for (const TraceHead& head : heads.read) {
    if (!head.own) continue;
    all.add_own(head, all.sums.output.size() + own_heads.size(), heads.own_price(price), of_ffn);
    own_heads.push_back(&*head.own);
  }
  const crypto::SecretBytes trace = embed::trace_key(*request.master);
  Rounds found = name_licensees(all.sums, all.list,
                                {.trace = &trace,
                                 .licensees = request.licensees,
                                 .alpha = request.alpha,
                                 .threads = request.threads,
                                 .progress = request.progress,
                                 .listed_min = request.listed_min,
                                 .own_heads = std::move(own_heads)});
  TraceScore out = std::move(all.about[found.statistic]);
  out.found = std::move(found);
  return out;
}

}  // namespace wmk::verify
