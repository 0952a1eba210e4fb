#include "verify/trace/trace.h"

#include <algorithm>

#include "base/text.h"
#include "embed/licensees/scores.h"
#include "embed/read/score.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/price.h"
#include "embed/scheme/strength.h"
#include "verify/carried.h"
#include "verify/conclude.h"
#include "verify/reading_pass.h"
#include "verify/trace/trace_answer.h"
#include "verify/trace/trace_reading.h"
#include "verify/trace/trace_score.h"

namespace wmk::verify {

using checkpoint::Reading;
using embed::TagRule;

namespace {

// Reads the hypotheses of the list one after the other, until one gives a yes.
class Tracer {
 public:
  Tracer(checkpoint::ReadingList& list, const TraceRequest& request)
      : list_(list), request_(request), reader_(request), out_(answer_.found()) {
    out_.tested = request.licensees.size();
  }

  Result<Trace> run() {
    if (Status alpha = check_alpha(request_.alpha); !alpha) return std::move(alpha).error();
    HypothesisList places(true);
    const auto& declared = list_.declared();
    if (!declared) (void)places.add_reading({});
    const size_t end = end_of(request_.readings);
    for (size_t i = declared ? 0 : 1; i < end && list_.has(i) && !answer_.is_yes(); ++i) {
      auto reading = list_.open(i);
      if (!reading) continue;
      Status status = try_reading(*reading, places);
      if (status) continue;
      if (i == 0) return std::move(status).error();
      out_.tried.push_back({reading->words(), {.reading = i}, 0, 0, 0, status.error().message()});
    }
    if (out_.best.empty()) return declared ? malformed("has no frame") : declared.error();
    if (Status status = conclude(); !status) return std::move(status).error();
    return std::move(out_);
  }

 private:
  Status try_reading(const Reading& reading, HypothesisList& places) {
    const Subject subject = subject_of(reading);
    const uint64_t width = reading.anatomy->width;
    auto hypotheses = places.add_reading(
        frames_at_hand(*reading.vocabulary, width, {nullptr, request_.carried != nullptr}));
    if (reader_.is_repeated(reading)) return {};
    if (request_.base && request_.base->anatomy->width != width) {
      return Error(ErrorCode::invalid_argument,
                   cat("the base has width ", request_.base->anatomy->width,
                       ", the model has width ", width, ": this cannot be its base"));
    }
    const auto plan = embed::plan_mark(*reading.anatomy, std::nullopt, 1);
    if (!plan) return plan.error();
    strength_ = plan->strength;
    for (Hypothesis& hypothesis : hypotheses) {
      hypothesis.price = embed::trace_price(hypothesis.place, request_.licensees.size());
      if (hypothesis.reading > 0) {
        if (hypothesis.frame == FrameSource::carried) continue;
        auto promising = is_promising(reading, hypothesis);
        if (!promising) return std::move(promising).error();
        if (!*promising) continue;
      }
      if (Status status = try_frame(reading, subject, hypothesis); !status) return status;
      if (answer_.is_yes()) break;
    }
    return {};
  }

  double expected(const Reading& reading, const Hypothesis& hypothesis, double part,
                  double length) const {
    return expected_trace_z(*reading.anatomy, strength_, hypothesis.frame, part, length, request_);
  }

  // A reading that is not the declared one is left early, as in detection; without its base.
  Result<bool> is_promising(const Reading& reading, const Hypothesis& hypothesis) {
    double part = 1;
    while (expected(reading, hypothesis, part / 2, 1.1) >= kLeaveExpected) part /= 2;
    auto found = reader_.read(reading, hypothesis.frame, part);
    if (!found) return std::move(found).error();
    Tried tried{reading.words(), hypothesis, 0, 0, part};
    tried.expected_z = expected(reading, hypothesis, part, found->length(TagRule::hard));
    const auto scores = embed::code_scores(embed::trace_key(*request_.master), request_.licensees,
                                           {licensee_sums(*found, std::nullopt), {}},
                                           request_.threads, request_.progress);
    for (const auto& z : scores.ffn)
      tried.z = std::max(tried.z, *std::max_element(z.begin(), z.end()));
    out_.tried.push_back(tried);
    return tried.expected_z < kLeaveExpected || tried.z >= leave_below(request_.licensees.size());
  }

  Status try_frame(const Reading& reading, const Subject& subject, const Hypothesis& hypothesis) {
    if (hypothesis.frame == FrameSource::carried) {
      auto fit = request_.carried->fit(subject, {request_.threads, request_.progress});
      if (!fit) return std::move(fit).error();
      out_.carried = summary_of(**fit);
      if (!(*fit)->found()) return {};
    }
    auto found = reader_.read(reading, hypothesis.frame, 1);
    if (!found) return std::move(found).error();
    std::optional<TraceReading> base;
    if (request_.base) {
      auto other = reader_.read_base(hypothesis.frame);
      if (!other) return std::move(other).error().within("base");
      base = std::move(*other);
    }
    TraceFfn ffn{licensee_sums(*found, base), {}, {}, reading.anatomy->weight_count()};
    for (const TagRule rule : embed::kTagRules) {
      ffn.length.push_back(found->length(rule));
      ffn.expected_z.push_back(expected(reading, hypothesis, 1, ffn.length.back()));
    }
    const double expected_z = ffn.expected_z.back();
    if (Status status = score(reading, subject, hypothesis, std::move(ffn)); !status) return status;
    if (hypothesis.reading > 0) return {};
    skipped_ = found->sketches.skipped + reading.anatomy->skipped_unit_count();
    if (hypothesis.frame == FrameSource::strings) {
      own_ = OwnReading{hypothesis.frame, hypothesis.price, expected_z, 0, {}, {}};
    }
    return {};
  }

  // The licensees' second site is read in the declared reading, under the labels of its frames. One
  // that cannot be read matters where neurons name nobody.
  Status score(const Reading& reading, const Subject& subject, const Hypothesis& hypothesis,
               TraceFfn ffn) {
    Result<TraceHeads> heads = TraceHeads();
    if (hypothesis.reading == 0 && hypothesis.frame != FrameSource::carried) {
      heads = read_trace_heads(subject, hypothesis.frame, request_);
    }
    const double expected_z = ffn.expected_z.back();
    TraceScore score = score_licensees(std::move(ffn), heads ? *std::move(heads) : TraceHeads(),
                                       hypothesis.price, request_);
    const LicenseeZ& first = score.found.best.front();
    out_.tried.push_back({reading.words(), hypothesis, first.z_ffn.value_or(0), expected_z, 1});
    const bool names_nobody = score.found.named == 0;
    answer_.consider(reading, hypothesis, std::move(score));
    if (!heads && names_nobody) return std::move(heads).error();
    return {};
  }

  Status conclude() {
    out_.claim = claim_of(out_.frame, request_.sources);
    out_.is_unlisted = request_.is_unlisted;
    out_.level = out_.best.front().level;
    if (report::is_yes(out_.level)) return {};
    auto doubt = find_doubt();
    if (!doubt) return std::move(doubt).error();
    out_.doubt = *std::move(doubt);
    if (out_.doubt) return {};
    out_.level = report::Level::not_found;
    for (LicenseeZ& one : out_.best) one.level = out_.level;
    return {};
  }

  Result<std::optional<Doubt>> find_doubt() {
    const auto& declared = list_.declared();
    if (!declared) {
      return std::optional(Doubt{DoubtKind::reading, why_not_declared(list_, out_.tried)});
    }
    auto doubt = verify::find_doubt({subject_of(*declared), own_, out_.best.front().ln_p, false,
                                     request_.sources.has_naming, std::nullopt, skipped_},
                                    request_.threads);
    if (!doubt || *doubt) return doubt;
    return reading_doubt(list_, request_.readings, out_.tried);
  }

  checkpoint::ReadingList& list_;
  const TraceRequest& request_;
  TraceReader reader_;
  double strength_ = 0;
  TraceAnswer answer_;
  Trace& out_;
  uint64_t skipped_ = 0;
  std::optional<OwnReading> own_;
};

}  // namespace

Result<Trace> trace(checkpoint::ReadingList& readings, const TraceRequest& request) {
  return Tracer(readings, request).run();
}

Result<Trace> trace(const Subject& suspect, const TraceRequest& request) {
  checkpoint::ReadingList list(
      checkpoint::borrowed_reading(*suspect.checkpoint, *suspect.anatomy, *suspect.vocabulary));
  return trace(list, request);
}

}  // namespace wmk::verify
