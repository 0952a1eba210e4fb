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

embed::OutputCarriers carriers_of(const Stage& stage, const std::vector<std::string>& labels,
                                  const DetectRequest& request) {
  if (request.disclosed) {
    return embed::output_carriers_of_share(request.disclosed->key, labels, request.threads);
  }
  const unsigned last = *std::max_element(stage.read.begin(), stage.read.end());
  return embed::output_carriers(*request.master, last + 1, false, labels, request.threads);
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
    const size_t at = read.shares.size() == 1 ? 0 : share;  // carriers_of() a disclosed share
    const embed::Correlation correlation = read.total(pairs, at, at + 1);
    out.shares.push_back({share, {correlation, correlation}, {}});
  }
  return out;
}

// The labels of a head's rows under a frame; none if it has none.
Result<std::optional<CarriedLabels>> labels_of(const Subject& subject, FrameSource frame,
                                               const embed::OutputHead& head,
                                               const DetectRequest& request, OutputSite& out) {
  if (frame != FrameSource::carried) {
    return std::optional(
        CarriedLabels{.labels = embed::head_labels(make_labels(subject, frame), head.rows)});
  }
  auto found = carried_labels(subject, head, request);
  if (!found) return std::move(found).error();
  out.price *= std::exp(found->ln_choices);
  out.tokens = found->tokens;
  if (!found->tokens.why_not.empty()) return std::optional<CarriedLabels>();
  return std::optional(*std::move(found));
}

}  // namespace

Result<OutputSite> read_head_site(const Subject& subject, FrameSource frame, const Stage& stage,
                                  const DetectRequest& request) {
  const auto heads = embed::find_output_heads(*subject.checkpoint, *subject.anatomy);
  if (!heads) return heads.error();
  const auto& tensors = subject.checkpoint->tensors();
  const auto pairs = pair_counts(request);
  OutputSite out;
  out.tried = pairs.size() * heads->size();
  out.is_recorded = pairs.size() == 1;
  out.price = static_cast<double>(out.tried);
  for (const embed::OutputHead& head : *heads) {
    if (!head.missing.empty()) continue;
    auto found = labels_of(subject, frame, head, request, out);
    if (!found) return std::move(found).error();
    if (!*found) continue;
    auto carriers = carriers_of(stage, (*found)->labels, request);
    carriers.pairs = *std::max_element(pairs.begin(), pairs.end());
    carriers.used = std::move((*found)->used);
    if (request.progress) request.progress->begin("output head", 0);
    const auto read = embed::read_output_weights(*subject.checkpoint, head, carriers,
                                                 request.threads, request.progress);
    if (request.progress) request.progress->end();
    if (!read && heads->size() == 1) return read.error();
    if (!read) continue;
    const uint64_t rows = frame == FrameSource::carried ? out.tokens->matched : head.rows;
    for (const size_t count : pairs) {
      out.readings.push_back(site_reading(*read, count, stage, rows, subject.anatomy->width));
      if (heads->size() > 1) out.readings.back().head = tensors[head.tensor].name;
    }
  }
  return out;
}

Result<OutputSite> try_output_site(const PlannedReading& reading, const Hypothesis& hypothesis,
                                   const DetectRequest& request, Answer& answer) {
  const Stage stage = reading.plan.whole();
  auto out = read_head_site(reading.subject(), hypothesis.frame, stage, request);
  if (!out) return std::move(out).error();
  if (out->tokens) answer.found().carried_tokens = out->tokens;
  Hypothesis priced = hypothesis;
  priced.price *= out->price;
  for (const SiteReading& each : out->readings) {
    answer.consider(reading, priced, stage.totals, {each});
  }
  const auto z = [&](const SiteReading& site) {
    return embed::total_of(site.shares, reading.plan.shares_asked(), embed::TagRule::hard)
        .correlation.z();
  };
  std::stable_sort(out->readings.begin(), out->readings.end(),
                   [&](const SiteReading& a, const SiteReading& b) { return z(a) > z(b); });
  return out;
}

Status try_output(const PlannedReading& reading, const Hypothesis& hypothesis,
                  const DetectRequest& request, std::optional<OwnReading>& own, Answer& answer) {
  if (hypothesis.frame == FrameSource::shared || hypothesis.frame == FrameSource::recorded)
    return {};
  if (request.is_part()) return {};  // one matrix, which the merge reads
  const bool is_open = request.output_if_open && !answer.is_conclusive();
  if (!request.sites[Site::output] && !is_open) return {};
  const std::vector<SiteZ> before = answer.found().sites;
  auto read = try_output_site(reading, hypothesis, request, answer);
  if (!read) return std::move(read).error();
  // Other sites were read in other frames.
  if (read->readings.empty() || hypothesis.frame == FrameSource::carried) return {};
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
