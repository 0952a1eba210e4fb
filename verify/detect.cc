#include "verify/detect.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "embed/read/scan.h"
#include "embed/read/share_readings.h"
#include "verify/by_layer.h"
#include "verify/conclude.h"
#include "verify/control.h"
#include "verify/detect_plan.h"

namespace wmk::verify {

using embed::TagRule;

namespace {

// Runs the plan, frame by frame, stage by stage, analysis by analysis, and keeps the total with the
// smallest p.
class Detector {
 public:
  Detector(const Subject& subject, const DetectRequest& request, DetectPlan plan)
      : subject_(subject),
        request_(request),
        plan_(std::move(plan)),
        order_(embed::scan_order(*subject.checkpoint, *subject.anatomy, request.block_bytes)) {
    out_.weights_total = subject.anatomy->weight_count();
    out_.is_bound = !plan_.marked_weights;
  }

  Result<Detection> run() {
    for (const Hypothesis& hypothesis : plan_.hypotheses) {
      ++out_.tried;
      Status status = try_frame(hypothesis);
      if (!status) return std::move(status).error();
      if (settled_ || is_yes()) break;
    }
    Status status = read_controls();
    if (status && request_.by_layer) status = read_by_layer();
    if (status) status = conclude(subject_, request_, facts_, out_);
    if (!status) return std::move(status).error();
    return std::move(out_);
  }

 private:
  bool is_yes() const { return yes_level(out_.ln_p, request_.alpha).has_value(); }

  // Weights of the units that were read and not skipped.
  uint64_t used_weights(const embed::SketchSet& sketches) const {
    const uint64_t vectors = subject_.anatomy->gated ? 3 : 2;
    const uint64_t skipped = sketches.skipped * vectors * subject_.anatomy->width;
    return sketches.weights - std::min(sketches.weights, skipped);
  }

  Status try_frame(const Hypothesis& hypothesis) {
    std::vector<embed::ShareReading> known;  // read by earlier stages, on all weights
    for (const Stage& stage : plan_.stages) {
      auto structures = share_structures(subject_, hypothesis.frame, stage.read, request_);
      if (!structures) return std::move(structures).error();
      Status status = scan_stage(hypothesis, stage, *structures, known);
      if (!status || settled_) return status;
    }
    keep_own(hypothesis, known);
    return {};
  }

  Status scan_stage(const Hypothesis& hypothesis, const Stage& stage,
                    const std::vector<embed::Structure>& structures,
                    std::vector<embed::ShareReading>& known) {
    embed::Scan scan(*subject_.checkpoint, *subject_.anatomy, structures, order_, !request_.full);
    if (request_.progress) {
      request_.progress->begin("scanning",
                               embed::weight_bytes(*subject_.checkpoint, *subject_.anatomy));
    }
    std::vector<embed::ShareReading> shares;
    while (!scan.done() && !settled_) {
      Status status = scan.advance(request_.threads, request_.progress);
      if (!status) return status;
      shares = known;
      const auto now =
          embed::read_shares(stage.read, structures, scan.sketches(), request_.threads);
      shares.insert(shares.end(), now.begin(), now.end());
      for (unsigned total : stage.totals) {
        for (TagRule tags : embed::kTagRules) {
          consider(hypothesis, tags, total, shares, scan.sketches());
        }
      }
    }
    if (request_.progress) request_.progress->end();
    out_.bytes_read += scan.sketches().bytes;
    whole_used_ = used_weights(scan.sketches());
    facts_.skipped_units = scan.sketches().skipped + subject_.anatomy->skipped_unit_count();
    facts_.not_finite_units = scan.sketches().not_finite;
    known = std::move(shares);
    return {};
  }

  // Keeps the total of the first `count` shares if its p is the smallest so far.
  void consider(const Hypothesis& hypothesis, TagRule tags, unsigned count,
                const std::vector<embed::ShareReading>& shares, const embed::SketchSet& sketches) {
    const embed::Total total = embed::total_of(shares, count, tags);
    const double z = total.correlation.z();
    const double score = ln_price_p(z, hypothesis.price);
    if (!best_shares_.empty() && (score > score_ || (score == score_ && z <= out_.z))) return;
    score_ = score;
    out_.z = z;
    out_.ln_p = embed::ln_p(z, hypothesis.price);
    out_.frame = hypothesis.frame;
    out_.place = hypothesis.place;
    out_.price = hypothesis.price;
    out_.tags = tags;
    out_.length = total.length.value();
    out_.weights_read = sketches.weights;
    out_.expected_z = plan_.expected_z(count, used_weights(sketches), out_.length);
    out_.expected_z_full = plan_.expected_z(plan_.shares_asked(), out_.weights_total, out_.length);
    out_.skipped_units = sketches.skipped + subject_.anatomy->skipped_unit_count();
    out_.not_finite_units = sketches.not_finite;
    out_.shares.clear();
    best_shares_.clear();
    for (const embed::ShareReading& share : shares) {
      out_.shares.push_back({share.share, share.correlation[static_cast<size_t>(tags)].z()});
      if (best_shares_.size() < count) best_shares_.push_back(share.share);
    }
    settled_ = is_conclusive(out_.z, hypothesis.price);
  }

  // After a whole scan: what the frame of the model's own labels showed.
  void keep_own(const Hypothesis& hypothesis, const std::vector<embed::ShareReading>& shares) {
    if (hypothesis.frame != (are_ids_recorded(request_) ? FrameSource::ids : FrameSource::strings))
      return;
    OwnReading own{hypothesis.frame, hypothesis.price, 0, 0, {}};
    const size_t count = std::min<size_t>(shares.size(), plan_.shares_asked());
    const double length = embed::total_of(shares, count, TagRule::hard).length.value();
    own.expected_z = plan_.expected_z(plan_.shares_asked(), whole_used_, length);
    for (const embed::ShareReading& share : shares) {
      for (TagRule tags : embed::kTagRules) {
        const double z = share.correlation[static_cast<size_t>(tags)].z();
        if (z <= own.largest_z) continue;
        own.largest_z = z;
        own.largest = cat("share ", share.share, ", ", to_string(tags), " tags,");
      }
    }
    facts_.own = own;
  }

  Status read_controls() {
    for (const Subject& control : request_.controls) {
      auto z = read_control(control, out_, best_shares_, request_);
      if (!z) {
        return std::move(z).error().within(escaped(control.checkpoint->path().string()));
      }
      out_.controls.push_back(*z);
    }
    return {};
  }

  // A second pass with the frame and tag rule of the answer, group by group.
  Status read_by_layer() {
    std::vector<unsigned> numbers;
    for (const ShareZ& share : out_.shares) numbers.push_back(share.share);
    auto structures = share_structures(subject_, out_.frame, numbers, request_);
    if (!structures) return std::move(structures).error();
    auto groups = z_by_group(*subject_.checkpoint, *subject_.anatomy, *structures, out_.tags,
                             request_.threads, request_.progress);
    if (!groups) return std::move(groups).error();
    out_.groups = std::move(*groups);
    return {};
  }

  const Subject subject_;
  const DetectRequest& request_;
  DetectPlan plan_;
  std::vector<checkpoint::UnitBlock> order_;
  Detection out_;
  double score_ = 0;                   // ln_price_p of the answer
  std::vector<unsigned> best_shares_;  // that its total adds up
  ScanFacts facts_;
  uint64_t whole_used_ = 0;  // weights, by the last scan
  bool settled_ = false;
};

}  // namespace

Result<Detection> detect(const checkpoint::Checkpoint& checkpoint,
                         const checkpoint::Anatomy& anatomy,
                         const checkpoint::Vocabulary& vocabulary, const DetectRequest& request) {
  auto plan = plan_detection(anatomy, vocabulary, request);
  if (!plan) return std::move(plan).error();
  return Detector({&checkpoint, &anatomy, &vocabulary}, request, std::move(*plan)).run();
}

}  // namespace wmk::verify
