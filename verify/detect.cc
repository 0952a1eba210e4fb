#include "verify/detect.h"

#include <utility>

#include "embed/read/scan.h"
#include "verify/answer.h"
#include "verify/by_layer.h"
#include "verify/careful_windows.h"
#include "verify/carried.h"
#include "verify/conclude.h"
#include "verify/control.h"
#include "verify/other_readings.h"
#include "verify/output_site.h"
#include "verify/reading_pass.h"
#include "verify/site_scan.h"
#include "verify/structure_cache.h"

namespace wmk::verify {

namespace {

// Follows the list: the declared reading, stage by stage and analysis by analysis, then others.
class Detector {
 public:
  Detector(checkpoint::ReadingList& list, const DetectRequest& request)
      : list_(list),
        request_(request),
        places_(are_shares_known(request)),
        structures_(share_cache(request)),
        answer_(request) {}

  Result<Detection> run() {
    auto status = try_declared();
    if (status && !answer_.is_settled()) {
      try_other_readings(list_, places_, std::move(later_), request_, structures_, answer_);
    }
    if (status && request_.parts) status = request_.parts->status();
    if (!status) return std::move(status).error();
    if (request_.is_part()) return std::move(answer_.found());
    // The declared reading is what the user asked for, so its fault comes first.
    if (answer_.shares().empty()) {
      return list_.declared() ? *std::move(fault_) : list_.declared().error();
    }
    status = read_controls(answer_.shares(), request_, answer_.found());
    if (status && request_.by_layer) status = read_by_layer(answer_, request_);
    if (status) status = conclude(list_, request_, facts_, answer_.found());
    if (!status) return std::move(status).error();
    return std::move(answer_.found());
  }

 private:
  // What the suspect's owner wrote must not stop the reading: the rest of the list is still read.
  void add_fault(const Hypothesis& hypothesis, Error error) {
    answer_.add_fault("declared", hypothesis, error.message());
    if (!fault_) fault_ = std::move(error);
  }

  Status try_declared() {
    const auto& declared = list_.declared();
    if (!declared) {
      (void)places_.add_reading({});
      answer_.add_fault("declared", {}, declared.error().message());
      return {};
    }
    auto plan = plan_detection(*declared->anatomy, request_);
    if (!plan) return std::move(plan).error();
    PlannedReading reading{*declared, *std::move(plan), {}};
    auto hypotheses = places_.add_reading(
        frames_at_hand(*declared->vocabulary, declared->anatomy->width, inputs_of(request_)));
    if (request_.is_sparing) put_record_first(hypotheses);
    bool has_own = false;
    for (const Hypothesis& each : hypotheses) {
      if (!is_wanted(each.frame, *declared->vocabulary, request_)) continue;
      if (answer_.is_conclusive() && each.frame != FrameSource::carried) continue;
      // The first frame and those that the user gave something for are read to the end.
      const bool is_own = each.frame == FrameSource::strings || each.frame == FrameSource::ids;
      if (is_own && std::exchange(has_own, true)) {
        reading.hypotheses.push_back(each);
        continue;
      }
      auto status = try_whole(reading, each);
      Status output = try_output(reading, each, request_, facts_.own, answer_);
      if (status) status = std::move(output);
      if (status) status = try_windows(reading, each, answer_.wanted_windows());
      if (!status) add_fault(each, status.error());
      if (!answer_.is_settled()) continue;
      if (!answer_.is_below_carried(reading)) return {};
      surpassable_ = answer_.found().place;
    }
    later_ = std::move(reading);
    return {};
  }
  // Conclusive, and not in a place that the carried frame may surpass.
  bool is_settled() const {
    return answer_.is_conclusive() && answer_.found().place != surpassable_;
  }

  Status try_windows(const PlannedReading& reading, const Hypothesis& hypothesis,
                     embed::Sites sites) {
    if (sites == embed::Sites()) return {};
    const auto made = structures_.get(reading.reading, hypothesis.frame, reading.plan.whole().read);
    if (!made) return made.error();
    auto open = verify::try_windows(reading, hypothesis, *made->structures,
                                    {sites, 1, {&*memo_, made->number}}, request_, answer_);
    memo_.emplace(kMemoBytes);
    return open ? Status() : std::move(open).error();
  }

  // Whether the release's neurons are found in the suspect; an Error says why not.
  Status carry(const PlannedReading& reading) {
    auto fit = request_.carried->fit(reading.subject(), {request_.threads, request_.progress});
    if (!fit) return std::move(fit).error();
    answer_.found().carried = summary_of(**fit);
    if ((*fit)->found()) return {};
    return Error(ErrorCode::unsupported, (*fit)->why_not);
  }

  Status try_whole(const PlannedReading& reading, const Hypothesis& hypothesis) {
    if (hypothesis.frame == FrameSource::carried) {
      if (request_.sites == kHeadAlone) return {};
      if (auto status = carry(reading); !status) return status;
    }
    std::vector<SiteReading> known;  // read by earlier stages, on all weights
    for (const Stage& stage : reading.plan.stages) {
      auto made = structures_.get(reading.reading, hypothesis.frame, stage.read);
      if (!made) return std::move(made).error();
      Status status = scan_stage(reading, hypothesis, stage, *made, known);
      if (!status || is_settled()) return status;
    }
    // A whole scan shows what the frame of the model's own labels holds.
    const auto own_frame = are_ids_recorded(request_) ? FrameSource::ids : FrameSource::strings;
    if (hypothesis.frame == own_frame) {
      facts_.own = own_reading(reading.plan, hypothesis, known);
      for (const SiteReading& site : known) {
        if (site.site != embed::Site::ffn) continue;
        facts_.skipped_units = site.skipped;
        facts_.not_finite_units = site.not_finite;
      }
    }
    return {};
  }

  Status scan_stage(const PlannedReading& reading, const Hypothesis& hypothesis, const Stage& stage,
                    const FrameStructures& frame, std::vector<SiteReading>& known) {
    const Subject subject = reading.subject();
    if (order_.empty())
      order_ = embed::scan_order(*subject.checkpoint, *subject.anatomy, request_.block_bytes);
    SitePass pass{request_.sites, order_, embed::analysis_ends(order_, !request_.full)};
    pass.parts = {request_.parts, hypothesis.scan_name("scan", stage.read)};
    pass.heads_later = request_.is_sparing && !request_.full;
    SiteScan scan(subject, *frame.structures, std::move(pass));
    if (scan.is_empty())
      return request_.sites[embed::Site::output] ? Status() : no_site(*subject.anatomy);
    if (request_.progress)
      request_.progress->begin("scanning", SiteScan::bytes_of(subject, request_.sites));
    const bool keeps = reading.plan.stages.size() == 1 && !request_.full;
    std::vector<SiteReading> sites;
    while (!scan.done() && !is_settled()) {
      if (auto status = scan.advance(request_.threads, request_.progress); !status) return status;
      if (request_.is_part()) continue;
      sites = with_known(known, scan.readings(stage.read, request_.threads));
      answer_.consider(reading, hypothesis, stage.totals, sites);
      if (keeps && scan.analyses_left() <= 2) scan.keep_coordinates({&*memo_, frame.number});
    }
    if (request_.progress) request_.progress->end();
    answer_.add_bytes(scan.bytes());
    known = std::move(sites);
    return {};
  }

  checkpoint::ReadingList& list_;
  const DetectRequest& request_;
  HypothesisList places_;
  StructureCache structures_;
  Answer answer_;
  std::optional<embed::CoordinateMemo> memo_{std::in_place, kMemoBytes};  // for windows
  std::vector<checkpoint::UnitBlock> order_;                              // of the declared reading
  std::optional<PlannedReading> later_;  // it, with the frames that are left for later
  std::optional<Error> fault_;           // the first
  ScanFacts facts_;
  unsigned surpassable_ = 0;  // place of a conclusive answer, once the carried frame is tried too
};

}  // namespace

Result<Detection> detect(checkpoint::ReadingList& readings, const DetectRequest& request) {
  return Detector(readings, request).run();
}

Result<Detection> detect(const checkpoint::Checkpoint& checkpoint,
                         const checkpoint::Anatomy& anatomy,
                         const checkpoint::Vocabulary& vocabulary, const DetectRequest& request) {
  checkpoint::ReadingList list(checkpoint::borrowed_reading(checkpoint, anatomy, vocabulary));
  return detect(list, request);
}

}  // namespace wmk::verify
