#include "verify/trace/trace_reading.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "embed/read/scan.h"
#include "embed/read/score.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/strength.h"
#include "verify/carried.h"
#include "verify/reading_pass.h"

namespace wmk::verify {

using embed::TagRule;

namespace {

// Of 1024 directions each: those of the declared reading, and of another one.
constexpr size_t kFramesKept = 3;

using Matrices = embed::PerKind<std::vector<double>>;

std::vector<checkpoint::UnitBlock> first_blocks(const Subject& subject, double part) {
  auto order = embed::scan_order(*subject.checkpoint, *subject.anatomy);
  order.resize(embed::analysis_ends(order, std::vector<double>{part}).front());
  return order;
}

Matrices sketch_of(const TraceReading& suspect, const std::optional<TraceReading>& base,
                   TagRule rule) {
  Matrices v;
  for (embed::VectorKind kind : embed::kVectorKinds) {
    v[kind] = suspect.sketches.at(0, rule).matrix(kind);
    if (!base) continue;
    const std::vector<double> other = base->sketches.at(0, rule).matrix(kind);
    for (size_t e = 0; e < other.size(); ++e) v[kind][e] -= other[e];
  }
  return embed::guarded(suspect.structure(), std::move(v));
}

Result<std::vector<embed::Structure>> trace_structures(const Subject& subject, FrameSource source,
                                                       const TraceRequest& request) {
  std::vector<embed::StructureKey> keys;
  keys.push_back({embed::trace_key(*request.master), embed::StructureRole::trace});
  if (source == FrameSource::carried) {
    return request.carried->structures(subject, std::move(keys), {},
                                       {request.threads, request.progress});
  }
  return embed::make_structures(*subject.checkpoint, *subject.anatomy, make_labels(subject, source),
                                std::move(keys), request.threads, nullptr);
}

Result<TraceReading> read_trace(const Subject& subject, FrameSource frame, double part,
                                std::shared_ptr<const std::vector<embed::Structure>> structures,
                                const TraceRequest& request) {
  embed::Scan scan(*subject.checkpoint, *subject.anatomy, *structures, first_blocks(subject, part),
                   false);
  scan.use({request.sums, cat("trace, ", to_string(frame), ", part ", part)});
  if (request.progress) {
    request.progress->begin("scanning", embed::weight_bytes(*subject.checkpoint, *subject.anatomy));
  }
  while (!scan.done()) {
    Status status = scan.advance(request.threads, request.progress);
    if (!status) return std::move(status).error();
  }
  if (request.progress) request.progress->end();
  return TraceReading{std::move(structures), scan.sketches()};
}

}  // namespace

double TraceReading::length(TagRule rule) const {
  return length_of(structure(), sketches, 0, rule).value();
}

TraceReader::TraceReader(const TraceRequest& request)
    : request_(request),
      structures_(kFramesKept, [&request](const Subject& subject, FrameSource frame, const auto&) {
        return trace_structures(subject, frame, request);
      }) {}

bool TraceReader::is_repeated(const checkpoint::Reading& reading) {
  const bool is_known = std::any_of(seen_.begin(), seen_.end(),
                                    [&](const auto& other) { return are_equal(other, reading); });
  if (!is_known) seen_.push_back(reading);
  return is_known;
}

Result<TraceReading> TraceReader::read(const checkpoint::Reading& reading, FrameSource frame,
                                       double part) {
  auto made = structures_.get(reading, frame);
  if (!made) return std::move(made).error();
  return read_trace(subject_of(reading), frame, part, std::move(made->structures), request_);
}

Result<TraceReading> TraceReader::read_base(FrameSource frame) const {
  auto made = trace_structures(*request_.base, frame, request_);
  if (!made) return std::move(made).error();
  return read_trace(*request_.base, frame, 1,
                    std::make_shared<const std::vector<embed::Structure>>(*std::move(made)),
                    request_);
}

std::vector<std::vector<double>> licensee_sums(const TraceReading& suspect,
                                               const std::optional<TraceReading>& base) {
  std::vector<std::vector<double>> sums;
  for (const TagRule rule : embed::kTagRules) {
    sums.push_back(block_sums(suspect.structure(), sketch_of(suspect, base, rule)));
  }
  return sums;
}

double expected_trace_z(const checkpoint::Anatomy& anatomy, double strength, FrameSource frame,
                        double part, double length, const TraceRequest& request) {
  // Codes run through all kinds, so the number of their bits stays the same.
  const double scored = frame == FrameSource::carried ? request.carried->scored_part(&anatomy) : 1;
  return embed::expected_z(strength, part * scored * static_cast<double>(anatomy.weight_count()),
                           static_cast<double>(embed::kCodeBits), length);
}

double leave_below(size_t ids) {
  return kLeaveBelow + std::sqrt(2 * std::log(static_cast<double>(std::max<size_t>(ids, 1))));
}

}  // namespace wmk::verify
