#include "verify/trace.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "base/text.h"
#include "embed/read/scan.h"
#include "embed/read/score.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/price.h"
#include "embed/scheme/strength.h"
#include "verify/hypotheses.h"

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
                                 double price) {
  std::vector<size_t> order(z.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  const size_t kept = std::min(kTraceListMax, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                    [&](size_t a, size_t b) { return z[a] != z[b] ? z[a] > z[b] : a < b; });
  std::vector<LicenseeZ> out;
  for (size_t i = 0; i < kept; ++i) {
    const double ln_p = embed::ln_p(z[order[i]], price);
    const auto yes = yes_level(ln_p, request.alpha);
    out.push_back(
        {request.licensees[order[i]], z[order[i]], ln_p, yes.value_or(report::Level::undecided)});
  }
  return out;
}

// Reads the frames of the list one after the other, until one gives a yes.
class Tracer {
 public:
  Tracer(const Subject& suspect, const TraceRequest& request, double strength)
      : suspect_(suspect), request_(request), strength_(strength) {
    out_.tested = request.licensees.size();
    out_.weights = suspect.anatomy->weight_count();
  }

  Result<Trace> run() {
    for (Hypothesis hypothesis : list_hypotheses(*suspect_.vocabulary, false)) {
      hypothesis.price = embed::trace_price(hypothesis.place, request_.licensees.size());
      Status status = try_frame(hypothesis);
      if (!status) return std::move(status).error();
      if (!out_.best.empty() && report::is_yes(out_.best.front().level)) break;
    }
    Status status = conclude();
    if (!status) return std::move(status).error();
    return std::move(out_);
  }

 private:
  Status try_frame(const Hypothesis& hypothesis) {
    auto reading = read(suspect_, hypothesis.frame, request_);
    if (!reading) return std::move(reading).error();
    std::optional<Reading> base;
    if (request_.base) {
      auto other = read(*request_.base, hypothesis.frame, request_);
      if (!other) return std::move(other).error().within("base");
      base = std::move(*other);
    }
    for (TagRule rule : embed::kTagRules) {
      const double length = length_of(reading->structure, reading->sketches, 0, rule).value();
      const auto v = sketch_of(*reading, base, rule);
      const auto z = scores(reading->structure, block_sums(reading->structure, v), request_);
      auto best = list_best(z, request_, hypothesis.price);
      if (best.empty()) continue;
      consider(hypothesis, rule, std::move(best), length);
    }
    skipped_ = reading->sketches.skipped + suspect_.anatomy->skipped_unit_count();
    if (hypothesis.frame == FrameSource::strings) {
      own_ = OwnReading{hypothesis.frame, hypothesis.price, out_.expected_z, 0, {}};
    }
    return {};
  }

  void consider(const Hypothesis& hypothesis, TagRule rule, std::vector<LicenseeZ> best,
                double length) {
    const double score = ln_price_p(best.front().z, hypothesis.price);
    if (!out_.best.empty() &&
        (score > score_ || (score == score_ && best.front().z <= out_.best.front().z))) {
      return;
    }
    score_ = score;
    out_.best = std::move(best);
    out_.frame = hypothesis.frame;
    out_.place = hypothesis.place;
    out_.price = hypothesis.price;
    out_.tags = rule;
    out_.length = length;
    out_.expected_z = embed::expected_z(strength_, static_cast<double>(out_.weights),
                                        static_cast<double>(embed::kCodeBits), length);
  }

  Status conclude() {
    out_.claim = claim_of(out_.frame, request_.sources);
    if (out_.best.empty()) return {};
    out_.level = out_.best.front().level;
    if (report::is_yes(out_.level)) return {};
    auto doubt = find_doubt({suspect_, own_, out_.best.front().ln_p, false,
                             request_.sources.has_naming, std::nullopt, skipped_},
                            request_.threads);
    if (!doubt) return std::move(doubt).error();
    out_.doubt = *std::move(doubt);
    if (out_.doubt) return {};
    out_.level = report::Level::not_found;
    for (LicenseeZ& one : out_.best) one.level = out_.level;
    return {};
  }

  const Subject& suspect_;
  const TraceRequest& request_;
  const double strength_;
  Trace out_;
  double score_ = 0;
  uint64_t skipped_ = 0;
  std::optional<OwnReading> own_;
};

}  // namespace

Result<Trace> trace(const Subject& suspect, const TraceRequest& request) {
  if (request.base && request.base->anatomy->width != suspect.anatomy->width) {
    return Error(ErrorCode::invalid_argument,
                 cat("the base has width ", request.base->anatomy->width, ", the model has width ",
                     suspect.anatomy->width, ": this cannot be its base"));
  }
  auto plan = embed::plan_mark(*suspect.anatomy, std::nullopt, 1);
  if (!plan) return std::move(plan).error();
  return Tracer(suspect, request, plan->strength).run();
}

}  // namespace wmk::verify
