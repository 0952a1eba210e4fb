#include "verify/output_site.h"

#include <algorithm>
#include <cmath>

#include "embed/output/output_from_weights.h"
#include "verify/carried_labels.h"
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
                         uint64_t rows, uint64_t width) {
  SiteReading out;
  out.site = Site::output;
  out.pairs = pairs;
  out.read = out.total = rows * width;
  out.used = std::min(rows, read.used_rows) * width;
  for (const unsigned share : stage.read) {
    const embed::Correlation correlation = read.total(pairs, share, share + 1);
    out.shares.push_back({share, {correlation, correlation}, {}});
  }
  return out;
}

}  // namespace

Result<HeadSite> read_head_site(const Subject& subject, FrameSource frame, const Stage& stage,
                                const DetectRequest& request) {
  HeadSite out;
  const auto head = embed::find_output_head(*subject.checkpoint, *subject.anatomy);
  if (!head) return head.error();
  if (!head->missing.empty()) return out;
  const auto pairs = pair_counts(request);
  out.price = static_cast<double>(pairs.size());
  CarriedLabels found;
  if (frame == FrameSource::carried) {
    auto carried = carried_labels(subject, *head, request);
    if (!carried) return std::move(carried).error();
    found = *std::move(carried);
    out.price *= std::exp(found.ln_choices);
    out.tokens = found.tokens;
    if (!found.tokens.why_not.empty()) return out;
  } else {
    found.labels = make_labels(subject, frame);
    if (head->rows != found.labels.size()) return out;
  }
  const unsigned last = *std::max_element(stage.read.begin(), stage.read.end());
  auto carriers =
      embed::output_carriers(*request.master, last + 1, false, found.labels, request.threads);
  carriers.pairs = *std::max_element(pairs.begin(), pairs.end());
  carriers.used = std::move(found.used);
  if (request.progress) request.progress->begin("output head", 0);
  const auto read = embed::read_output_weights(*subject.checkpoint, *head, carriers,
                                               request.threads, request.progress);
  if (request.progress) request.progress->end();
  if (!read) return read.error();
  const uint64_t rows = out.tokens ? out.tokens->matched : head->rows;
  for (const size_t count : pairs) {
    out.readings.push_back(site_reading(*read, count, stage, rows, subject.anatomy->width));
  }
  return out;
}

Result<std::vector<SiteReading>> try_output_site(const PlannedReading& reading,
                                                 const Hypothesis& hypothesis,
                                                 const DetectRequest& request, Answer& answer) {
  const Stage stage = reading.plan.whole();
  auto head = read_head_site(reading.subject(), hypothesis.frame, stage, request);
  if (!head) return std::move(head).error();
  if (head->tokens) answer.found().carried_tokens = head->tokens;
  Hypothesis priced = hypothesis;
  priced.price *= head->price;
  for (const SiteReading& each : head->readings) {
    answer.consider(reading, priced, stage.totals, {each});
  }
  const auto z = [&](const SiteReading& site) {
    return embed::total_of(site.shares, reading.plan.shares_asked(), embed::TagRule::hard)
        .correlation.z();
  };
  std::vector<SiteReading> out = std::move(head->readings);
  std::stable_sort(out.begin(), out.end(),
                   [&](const SiteReading& a, const SiteReading& b) { return z(a) > z(b); });
  return out;
}

Status try_output(const PlannedReading& reading, const Hypothesis& hypothesis,
                  const DetectRequest& request, std::optional<OwnReading>& own, Answer& answer) {
  if (hypothesis.frame == FrameSource::shared || hypothesis.frame == FrameSource::recorded)
    return {};
  const bool is_open = request.output_if_open && !answer.is_conclusive();
  if (!request.sites[Site::output] && !is_open) return {};
  const std::vector<SiteZ> before = answer.found().sites;
  auto read = try_output_site(reading, hypothesis, request, answer);
  if (!read) return std::move(read).error();
  // Other sites were read in other frames.
  if (read->empty() || hypothesis.frame == FrameSource::carried) return {};
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
