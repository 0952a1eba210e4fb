#include "verify/output_site.h"

#include <algorithm>

#include "embed/output/output_from_weights.h"
#include "verify/conclude.h"

namespace wmk::verify {

namespace {

using embed::Site;

std::vector<size_t> pair_counts(const DetectRequest& request) {
  if (request.record != nullptr && request.record->output_pairs > 0) {
    return {request.record->output_pairs};
  }
  return {embed::kOutputPairCounts.begin(), embed::kOutputPairCounts.end()};
}

// The same z for hard and soft tags: this site has none.
SiteReading site_reading(const embed::OutputReading& read, size_t pairs, const Stage& stage,
                         const embed::OutputHead& head, uint64_t width) {
  SiteReading out;
  out.site = Site::output;
  out.pairs = pairs;
  out.read = out.used = out.total = head.rows * width;
  for (const unsigned share : stage.read) {
    const embed::Correlation correlation = read.total(pairs, share, share + 1);
    out.shares.push_back({share, {correlation, correlation}, {}});
  }
  return out;
}

}  // namespace

Result<OutputSite> try_output_site(const PlannedReading& reading, const Hypothesis& hypothesis,
                                   const DetectRequest& request, Answer& answer) {
  OutputSite out;
  const Subject subject = reading.subject();
  const auto heads = embed::find_output_heads(*subject.checkpoint, *subject.anatomy);
  if (!heads) return heads.error();
  const auto labels = make_labels(subject, hypothesis.frame);
  const Stage stage = reading.plan.whole();
  const auto pairs = pair_counts(request);
  const unsigned last = *std::max_element(stage.read.begin(), stage.read.end());
  out.tried = pairs.size() * heads->size();
  out.is_recorded = pairs.size() == 1;
  Hypothesis priced = hypothesis;
  priced.price *= static_cast<double>(out.tried);
  for (const embed::OutputHead& head : *heads) {
    if (!head.missing.empty()) continue;
    auto carriers = embed::output_carriers(*request.master, last + 1, false,
                                           embed::head_labels(labels, head.rows), request.threads);
    carriers.pairs = *std::max_element(pairs.begin(), pairs.end());
    if (request.progress) request.progress->begin("output head", 0);
    const auto read = embed::read_output_weights(*subject.checkpoint, head, carriers,
                                                 request.threads, request.progress);
    if (request.progress) request.progress->end();
    if (!read && heads->size() == 1) return read.error();
    if (!read) continue;
    for (const size_t count : pairs) {
      out.readings.push_back(site_reading(*read, count, stage, head, subject.anatomy->width));
      answer.consider(reading, priced, stage.totals, {out.readings.back()});
    }
  }
  const auto z = [&](const SiteReading& site) {
    return embed::total_of(site.shares, reading.plan.shares_asked(), embed::TagRule::hard)
        .correlation.z();
  };
  std::stable_sort(out.readings.begin(), out.readings.end(),
                   [&](const SiteReading& a, const SiteReading& b) { return z(a) > z(b); });
  return out;
}

Status try_output(const PlannedReading& reading, const Hypothesis& hypothesis,
                  const DetectRequest& request, std::optional<OwnReading>& own, Answer& answer) {
  const bool is_open = request.output_if_open && !answer.is_conclusive();
  if (!request.sites[Site::output] && !is_open) return {};
  const std::vector<SiteZ> before = answer.found().sites;
  auto read = try_output_site(reading, hypothesis, request, answer);
  if (!read) return std::move(read).error();
  if (read->readings.empty()) return {};
  Detection& found = answer.found();
  if (found.site == SiteChoice::output) {
    found.sites.insert(found.sites.begin(), before.begin(), before.end());
  } else {
    found.sites.push_back(site_z(reading.plan, read->readings.front(), found));
  }
  if (own) add_output(reading.plan, hypothesis, *read, *own);
  return {};
}

}  // namespace wmk::verify
