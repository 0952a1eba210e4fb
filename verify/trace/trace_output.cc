#include "verify/trace/trace_output.h"

#include "base/parallel.h"
#include "embed/output/output_from_weights.h"
#include "embed/scheme/keys.h"
#include "verify/frame_source.h"
#include "verify/trace/trace_reading.h"

namespace wmk::verify {

namespace {

// z of every licensee, by number of pairs.
std::vector<std::vector<double>> output_scores(const embed::OutputReading& read,
                                               const TraceRequest& request) {
  const size_t ids = request.licensees.size();
  const crypto::SecretBytes key = embed::trace_key(*request.master);
  std::vector<std::vector<double>> z(embed::kOutputPairCounts.size(), std::vector<double>(ids));
  (void)parallel_for(ids, request.threads, [&](size_t id, unsigned) -> Status {
    const auto code = embed::output_code(key, request.licensees[id]);
    for (size_t i = 0; i < z.size(); ++i) {
      z[i][id] = read.licensee(code, embed::kOutputPairCounts[i]).z();
    }
    return {};
  });
  return z;
}

struct HeadTrace {
  const TraceRequest& request;
  double price;
  uint64_t rows, width;
};

// The yes with the largest z.
void keep_best(const embed::OutputReading& read, const HeadTrace& head,
               std::optional<TraceScore>& out) {
  const auto z = output_scores(read, head.request);
  for (size_t i = 0; i < z.size(); ++i) {
    const size_t pairs = embed::kOutputPairCounts[i];
    auto best = list_best(z[i], head.request, head.price);
    if (best.empty() || !report::is_yes(best.front().level)) continue;
    if (out && best.front().z <= out->best.front().z) continue;
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
  const double price =
      hypothesis.price * static_cast<double>(embed::kOutputPairCounts.size() * heads->size());
  for (const embed::OutputHead& head : *heads) {
    if (!head.missing.empty()) continue;
    const auto carriers = embed::output_carriers(
        *request.master, 0, true, embed::head_labels(labels, head.rows), request.threads);
    if (request.progress) request.progress->begin("output head", 0);
    const auto read = embed::read_output_weights(*suspect.checkpoint, head, carriers,
                                                 request.threads, request.progress);
    if (request.progress) request.progress->end();
    if (!read && heads->size() == 1) return read.error();
    if (read) keep_best(*read, {request, price, head.rows, suspect.anatomy->width}, out);
  }
  return out;
}

}  // namespace wmk::verify
