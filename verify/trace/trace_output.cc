#include "verify/trace/trace_output.h"

#include "embed/output/output_from_weights.h"
#include "verify/frame_source.h"

namespace wmk::verify {

namespace {

constexpr double kHeadReadings = 2;  // the span, and own directions

}  // namespace

double TraceHead::expected_z(size_t pairs) const {
  return embed::output_expected_z(rows, width, pairs, 1);
}

double TraceHeads::span_price(double price) const {
  return own_price(price) * static_cast<double>(embed::kOutputPairCounts.size());
}

double TraceHeads::own_price(double price) const {
  return kHeadReadings * price * static_cast<double>(candidates);
}

Result<TraceHeads> read_trace_heads(const Subject& subject, FrameSource frame,
                                    const TraceRequest& request) {
  const auto heads = embed::find_output_heads(*subject.checkpoint, *subject.anatomy);
  if (!heads) return heads.error();
  TraceHeads out{{}, heads->size()};
  const auto labels = make_labels(subject, frame);
  embed::SlotSums base;
  if (request.base) {
    auto sums = embed::slot_sums_of(*request.base->checkpoint, *request.base->anatomy,
                                    make_labels(*request.base, frame), *request.master,
                                    request.threads, request.progress);
    if (!sums) return std::move(sums).error().within("base");
    base = *std::move(sums);
  }
  for (const embed::OutputHead& head : *heads) {
    if (!head.missing.empty()) continue;
    const auto carriers = embed::output_carriers(
        *request.master, 0, true, embed::head_labels(labels, head.rows), request.threads);
    if (request.progress) request.progress->begin("output head", 0);
    embed::HeadInverse inverse;
    auto read = embed::read_output_weights(*subject.checkpoint, head, carriers, request.threads,
                                           request.progress, &inverse);
    if (request.progress) request.progress->end();
    if (!read && heads->size() == 1) return std::move(read).error();
    if (!read) continue;
    embed::subtract(base, read->slot_sums);
    TraceHead& made =
        out.read.emplace_back(std::move(read->slot_sums), head.rows, subject.anatomy->width);
    if (heads->size() > 1) made.name = subject.checkpoint->tensors()[head.tensor].name;
    const size_t pairs = embed::output_pairs(made.rows, made.width, 1);
    if (made.expected_z(pairs) < embed::kOutputExpectedMin) continue;
    auto own = embed::OwnDirections::read(*subject.checkpoint, head, carriers, std::move(inverse),
                                          request.threads);
    if (!own) return std::move(own).error();
    made.own = *std::move(own);
  }
  return out;
}

}  // namespace wmk::verify
