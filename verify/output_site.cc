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

Result<std::vector<SiteReading>> try_output_site(const PlannedReading& reading,
                                                 const Hypothesis& hypothesis,
                                                 const DetectRequest& request, Answer& answer) {
  std::vector<SiteReading> out;
  const Subject subject = reading.subject();
  const auto head = embed::find_output_head(*subject.checkpoint, *subject.anatomy);
  if (!head) return head.error();
  const auto labels = make_labels(subject, hypothesis.frame);
  if (!head->missing.empty() || head->rows != labels.size()) return out;
  const Stage stage = reading.plan.whole();
  const auto pairs = pair_counts(request);
  const unsigned last = *std::max_element(stage.read.begin(), stage.read.end());
  auto carriers = embed::output_carriers(*request.master, last + 1, false, labels, request.threads);
  carriers.pairs = *std::max_element(pairs.begin(), pairs.end());
  if (request.progress) request.progress->begin("output head", 0);
  const auto read = embed::read_output_weights(*subject.checkpoint, *head, carriers,
                                               request.threads, request.progress);
  if (request.progress) request.progress->end();
  if (!read) return read.error();
  Hypothesis priced = hypothesis;
  priced.price *= static_cast<double>(pairs.size());
  for (const size_t count : pairs) {
    out.push_back(site_reading(*read, count, stage, *head, subject.anatomy->width));
    answer.consider(reading, priced, stage.totals, {out.back()});
  }
  const auto z = [&](const SiteReading& site) {
    return embed::total_of(site.shares, reading.plan.shares_asked(), embed::TagRule::hard)
        .correlation.z();
  };
  std::stable_sort(out.begin(), out.end(),
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
  if (read->empty()) return {};
  Detection& found = answer.found();
  if (found.site == SiteChoice::output) {
    found.sites.insert(found.sites.begin(), before.begin(), before.end());
  } else {
    found.sites.push_back(site_z(reading.plan, read->front(), found));
  }
  if (own) add_output(reading.plan, hypothesis, *read, *own);
  return {};
}

}  // namespace wmk::verify
