#include "verify/trace/trace_output.h"

#include <cmath>

#include "embed/licensees/release_head.h"
#include "embed/licensees/scores.h"
#include "embed/output/output_from_weights.h"
#include "embed/scheme/keys.h"
#include "verify/frame_source.h"
#include "verify/trace/trace_reading.h"

namespace wmk::verify {

namespace {

struct HeadTrace {
  const TraceRequest& request;
  const embed::SlotSums& base;  // empty: none is subtracted
  double price;
  uint64_t rows, width;
};

// The yes with the largest z.
void keep_best(embed::OutputReading read, const HeadTrace& head, std::optional<TraceScore>& out) {
  embed::subtract(head.base, read.slot_sums);
  // z of every licensee, by number of pairs.
  const auto z = embed::code_scores(embed::trace_key(*head.request.master), embed::CodeSite::output,
                                    head.request.licensees, read.slot_sums, head.request.threads);
  for (size_t i = 0; i < z.size(); ++i) {
    const size_t pairs = embed::kOutputPairCounts[i];
    auto best = list_best(z[i], head.request, head.price);
    if (best.empty() || !report::is_yes(best.front().level)) continue;
    if (out && std::abs(best.front().z) <= std::abs(out->best.front().z)) continue;
    out = TraceScore{.site = embed::Site::output,
                     .best = std::move(best),
                     .price = head.price,
                     .expected_z = embed::output_expected_z(head.rows, head.width, pairs, 1),
                     .weights = head.rows * head.width,
                     .pairs = pairs};
  }
}

}  // namespace

Result<std::optional<TraceScore>> trace_output(const Subject& suspect, const Hypothesis& hypothesis,
                                               const TraceRequest& request) {
  std::optional<TraceScore> out;
  const auto heads = embed::find_output_heads(*suspect.checkpoint, *suspect.anatomy);
  if (!heads) return heads.error();
  const auto labels = make_labels(suspect, hypothesis.frame);
  embed::SlotSums base;
  if (request.base) {
    auto sums = embed::slot_sums_of(*request.base->checkpoint, *request.base->anatomy,
                                    make_labels(*request.base, hypothesis.frame), *request.master,
                                    request.threads, request.progress);
    if (!sums) return std::move(sums).error().within("base");
    base = *std::move(sums);
  }
  const double price =
      hypothesis.price * static_cast<double>(embed::kOutputPairCounts.size() * heads->size());
  for (const embed::OutputHead& head : *heads) {
    if (!head.missing.empty()) continue;
    const auto carriers = embed::output_carriers(
        *request.master, 0, true, embed::head_labels(labels, head.rows), request.threads);
    if (request.progress) request.progress->begin("output head", 0);
    auto read = embed::read_output_weights(*suspect.checkpoint, head, carriers, request.threads,
                                           request.progress);
    if (request.progress) request.progress->end();
    if (!read && heads->size() == 1) return read.error();
    if (read)
      keep_best(*std::move(read), {request, base, price, head.rows, suspect.anatomy->width}, out);
  }
  return out;
}

}  // namespace wmk::verify
