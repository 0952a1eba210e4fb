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

}  // namespace

Result<std::optional<TraceScore>> trace_output(const Subject& suspect, const Hypothesis& hypothesis,
                                               const TraceRequest& request) {
  std::optional<TraceScore> out;
  const auto head = embed::find_output_head(*suspect.checkpoint, *suspect.anatomy);
  if (!head) return head.error();
  const auto labels = make_labels(suspect, hypothesis.frame);
  if (!head->missing.empty() || head->rows != labels.size()) return out;
  const auto carriers = embed::output_carriers(*request.master, 0, true, labels, request.threads);
  if (request.progress) request.progress->begin("output head", 0);
  const auto read = embed::read_output_weights(*suspect.checkpoint, *head, carriers,
                                               request.threads, request.progress);
  if (request.progress) request.progress->end();
  if (!read) return read.error();
  const uint64_t width = suspect.anatomy->width;
  const double price = hypothesis.price * static_cast<double>(embed::kOutputPairCounts.size());
  const auto z = output_scores(*read, request);
  for (size_t i = 0; i < z.size(); ++i) {
    const size_t pairs = embed::kOutputPairCounts[i];
    auto best = list_best(z[i], request, price);
    if (best.empty() || !report::is_yes(best.front().level)) continue;
    if (out && best.front().z <= out->best.front().z) continue;
    out = TraceScore{.site = embed::Site::output,
                     .best = std::move(best),
                     .price = price,
                     .expected_z = embed::output_expected_z(head->rows, width, pairs, 1),
                     .weights = head->rows * width,
                     .pairs = pairs};
  }
  return out;
}

}  // namespace wmk::verify
