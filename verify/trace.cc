#include "verify/trace.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "base/text.h"
#include "embed/read/scan.h"
#include "embed/read/score.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/strength.h"

namespace wmk::verify {

using embed::TagRule;

namespace {

using Matrices = embed::PerKind<std::vector<double>>;

// The trace structure on the subject's own embedding, and its sketch on all weights.
struct Reading {
  embed::Structure structure;
  embed::SketchSet sketches;
};

Result<Reading> read(const Subject& subject, FrameSource source, const TraceRequest& request) {
  std::vector<embed::StructureKey> keys;
  keys.push_back({embed::trace_key(*request.master), embed::StructureRole::trace});
  auto structures =
      embed::make_structures(*subject.checkpoint, *subject.anatomy, make_labels(subject, source),
                             std::move(keys), request.threads, nullptr);
  if (!structures) return std::move(structures).error();
  embed::Scan scan(*subject.checkpoint, *subject.anatomy, *structures,
                   embed::scan_order(*subject.checkpoint, *subject.anatomy), false);
  if (request.progress) {
    request.progress->begin("scanning", embed::weight_bytes(*subject.checkpoint, *subject.anatomy));
  }
  while (!scan.done()) {
    Status status = scan.advance(request.threads, request.progress);
    if (!status) return std::move(status).error();
  }
  if (request.progress) request.progress->end();
  return Reading{std::move(structures->front()), scan.sketches()};
}

// z of every licensee against one set of block sums: <code, s> / ||s||.
std::vector<double> scores(const embed::Structure& structure, const std::vector<double>& sums,
                           const TraceRequest& request) {
  double squares = 0;
  for (double s : sums) squares += s * s;
  std::vector<double> z(request.licensees.size(), 0.0);
  if (squares == 0) return z;
  (void)parallel_for(z.size(), request.threads, [&](size_t i, unsigned) -> Status {
    const WipedVector<int8_t> code = embed::licensee_code(structure.key, request.licensees[i]);
    double product = 0;
    for (size_t l = 0; l < code.size(); ++l) product += code[l] * sums[l];
    z[i] = product / std::sqrt(squares);
    return {};
  });
  return z;
}

Matrices sketch_of(const Reading& suspect, const std::optional<Reading>& base, TagRule rule) {
  Matrices v;
  for (embed::VectorKind kind : embed::kVectorKinds) {
    v[kind] = suspect.sketches.at(0, rule).matrix(kind);
    if (!base) continue;
    const std::vector<double> other = base->sketches.at(0, rule).matrix(kind);
    for (size_t e = 0; e < other.size(); ++e) v[kind][e] -= other[e];
  }
  return embed::guarded(suspect.structure, std::move(v));
}

std::vector<LicenseeZ> list_best(const std::vector<double>& z, const TraceRequest& request,
                                 double hypotheses, double expected_z) {
  std::vector<size_t> order(z.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  const size_t kept = std::min(kTraceListMax, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                    [&](size_t a, size_t b) { return z[a] != z[b] ? z[a] > z[b] : a < b; });
  std::vector<LicenseeZ> out;
  for (size_t i = 0; i < kept; ++i) {
    const Judgement judgement = judge(z[order[i]], hypotheses, expected_z, request.alpha);
    out.push_back({request.licensees[order[i]], z[order[i]], judgement.ln_p, judgement.level});
  }
  return out;
}

}  // namespace

Result<Trace> trace(const Subject& suspect, const TraceRequest& request) {
  std::vector<FrameSource> frames = {FrameSource::ids};
  if (!suspect.vocabulary->source.empty()) frames.insert(frames.begin(), FrameSource::strings);
  if (request.base && request.base->anatomy->width != suspect.anatomy->width) {
    return Error(ErrorCode::invalid_argument,
                 cat("the base has width ", request.base->anatomy->width, ", the model has width ",
                     suspect.anatomy->width, ": this cannot be its base"));
  }
  auto plan = embed::plan_mark(*suspect.anatomy, std::nullopt, 1);
  if (!plan) return std::move(plan).error();

  Trace out;
  out.tested = request.licensees.size();
  out.weights = suspect.anatomy->weight_count();
  out.expected_z = embed::expected_z(plan->strength, static_cast<double>(out.weights),
                                     static_cast<double>(embed::kCodeBits));
  out.hypotheses =
      static_cast<double>(frames.size() * embed::kTagRules.size() * request.licensees.size());
  bool any = false;
  for (FrameSource frame : frames) {
    auto reading = read(suspect, frame, request);
    if (!reading) return std::move(reading).error();
    std::optional<Reading> base;
    if (request.base) {
      auto other = read(*request.base, frame, request);
      if (!other) return std::move(other).error().within("base");
      base = std::move(*other);
    }
    for (TagRule rule : embed::kTagRules) {
      const auto v = sketch_of(*reading, base, rule);
      const auto z = scores(reading->structure, block_sums(reading->structure, v), request);
      auto best = list_best(z, request, out.hypotheses, out.expected_z);
      if (best.empty() || (any && best.front().z <= out.best.front().z)) continue;
      any = true;
      out.best = std::move(best);
      out.frame = frame;
      out.tags = rule;
    }
    if (any && report::is_yes(out.best.front().level)) break;
  }
  if (any) out.level = out.best.front().level;
  return out;
}

}  // namespace wmk::verify
