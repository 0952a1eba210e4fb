#include "verify/detect.h"

#include <cmath>

#include "base/parallel.h"
#include "base/text.h"
#include "embed/read/scan.h"
#include "embed/read/score.h"
#include "embed/scheme/keys.h"
#include "verify/by_layer.h"
#include "verify/detect_plan.h"
#include "verify/frame_source.h"

namespace wmk::verify {

using embed::Correlation;
using embed::TagRule;

namespace {

// Runs the plan, frame by frame, stage by stage, analysis by analysis, and keeps the best total.
class Detector {
 public:
  Detector(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
           const checkpoint::Vocabulary& vocabulary, const DetectRequest& request, DetectPlan plan)
      : checkpoint_(checkpoint),
        anatomy_(anatomy),
        vocabulary_(vocabulary),
        request_(request),
        plan_(std::move(plan)),
        order_(embed::scan_order(checkpoint, anatomy, request.block_bytes)) {
    out_.weights_total = anatomy.weight_count();
    out_.expected_z_full = plan_.expected_z_full();
    // Every planned analysis of every hypothesis counts, even if it turns out not to be needed.
    out_.hypotheses = plan_.hypotheses(embed::analysis_ends(order_, !request_.full).size());
  }

  Result<Detection> run() {
    for (FrameSource frame : plan_.frames) {
      Status status = try_frame(frame);
      if (!status) return std::move(status).error();
      if (settled_ || yes()) break;
    }
    const Judgement judgement =
        judge(out_.z, out_.hypotheses, out_.expected_z_full, request_.alpha);
    out_.level = judgement.level;
    out_.ln_p = judgement.ln_p;
    if (request_.by_layer) {
      Status status = read_by_layer();
      if (!status) return std::move(status).error();
    }
    return std::move(out_);
  }

 private:
  struct ReadShare {
    unsigned share;
    std::array<Correlation, embed::kTagRules.size()> correlation;
  };

  bool yes() const { return embed::ln_p(out_.z, out_.hypotheses) <= std::log(request_.alpha); }
  embed::Scan new_scan(const std::vector<embed::Structure>& structures) const {
    return embed::Scan(checkpoint_, anatomy_, structures, order_, !request_.full);
  }

  Result<std::vector<embed::Structure>> structures_for(FrameSource frame,
                                                       const Stage& stage) const {
    return share_structures({&checkpoint_, &anatomy_, &vocabulary_}, frame, stage.read, request_);
  }

  Status try_frame(FrameSource frame) {
    std::vector<ReadShare> known;  // read by earlier stages, on all weights
    for (const Stage& stage : plan_.stages) {
      auto structures = structures_for(frame, stage);
      if (!structures) return std::move(structures).error();
      Status status = scan_stage(frame, stage, *structures, known);
      if (!status || settled_) return status;
    }
    return {};
  }

  // A second pass with the frame and tag rule of the answer, group by group.
  Status read_by_layer() {
    Stage stage;
    for (const ShareZ& share : out_.shares) stage.read.push_back(share.share);
    auto structures = structures_for(out_.frame, stage);
    if (!structures) return std::move(structures).error();
    auto groups = z_by_group(checkpoint_, anatomy_, *structures, out_.tags, request_.threads,
                             request_.progress);
    if (!groups) return std::move(groups).error();
    out_.groups = std::move(*groups);
    return {};
  }

  Status scan_stage(FrameSource frame, const Stage& stage,
                    const std::vector<embed::Structure>& structures,
                    std::vector<ReadShare>& known) {
    embed::Scan scan = new_scan(structures);
    if (request_.progress) {
      request_.progress->begin("scanning", embed::weight_bytes(checkpoint_, anatomy_));
    }
    std::vector<ReadShare> shares;
    while (!scan.done() && !settled_) {
      Status status = scan.advance(request_.threads, request_.progress);
      if (!status) return status;
      shares = known;
      const std::vector<ReadShare> now = correlations(stage, structures, scan.sketches());
      shares.insert(shares.end(), now.begin(), now.end());
      for (unsigned total : stage.totals) {
        for (TagRule tags : embed::kTagRules) consider(frame, tags, total, shares, scan);
      }
    }
    if (request_.progress) request_.progress->end();
    out_.bytes_read += scan.sketches().bytes;
    known = std::move(shares);
    return {};
  }

  std::vector<ReadShare> correlations(const Stage& stage,
                                      const std::vector<embed::Structure>& structures,
                                      const embed::SketchSet& sketches) const {
    // One task for each share, tag rule and kind: the guard's decompositions take longest.
    constexpr size_t rules = embed::kTagRules.size();
    std::vector<Correlation> parts(structures.size() * rules * embed::kVectorKindCount);
    (void)parallel_for(parts.size(), request_.threads, [&](size_t i, unsigned) -> Status {
      const embed::Structure& structure = structures[i / embed::kVectorKindCount / rules];
      const TagRule rule = embed::kTagRules[i / embed::kVectorKindCount % rules];
      const embed::VectorKind kind = embed::kVectorKinds[i % embed::kVectorKindCount];
      const auto& sketch = sketches.at(i / embed::kVectorKindCount / rules, rule);
      parts[i] = correlate(structure, kind, guarded(structure, kind, sketch.matrix(kind)));
      return {};
    });
    std::vector<ReadShare> shares(structures.size());
    for (size_t s = 0; s < shares.size(); ++s) shares[s].share = stage.read[s];
    for (size_t i = 0; i < parts.size(); ++i) {
      shares[i / embed::kVectorKindCount / rules]
          .correlation[i / embed::kVectorKindCount % rules] += parts[i];
    }
    return shares;
  }

  // Keeps the total of the first `count` shares if it is the best so far.
  void consider(FrameSource frame, TagRule tags, unsigned count,
                const std::vector<ReadShare>& shares, const embed::Scan& scan) {
    const size_t rule = static_cast<size_t>(tags);
    Correlation total;
    for (unsigned i = 0; i < count; ++i) total += shares[i].correlation[rule];
    if (any_ && total.z() <= out_.z) return;
    any_ = true;
    out_.z = total.z();
    out_.frame = frame;
    out_.tags = tags;
    out_.weights_read = scan.sketches().weights;
    const double part = static_cast<double>(out_.weights_read) /
                        static_cast<double>(std::max<uint64_t>(1, out_.weights_total));
    out_.expected_z = plan_.expected_z(std::min(count, plan_.mark.shares)) * std::sqrt(part);
    out_.skipped_units = scan.sketches().skipped + anatomy_.skipped_unit_count();
    out_.not_finite_units = scan.sketches().not_finite;
    out_.shares.clear();
    for (const ReadShare& share : shares) {
      out_.shares.push_back({share.share, share.correlation[rule].z()});
    }
    settled_ = is_conclusive(out_.z, out_.hypotheses);
  }

  const checkpoint::Checkpoint& checkpoint_;
  const checkpoint::Anatomy& anatomy_;
  const checkpoint::Vocabulary& vocabulary_;
  const DetectRequest& request_;
  DetectPlan plan_;
  std::vector<checkpoint::UnitBlock> order_;
  Detection out_;
  bool any_ = false;
  bool settled_ = false;
};

}  // namespace

Result<Detection> detect(const checkpoint::Checkpoint& checkpoint,
                         const checkpoint::Anatomy& anatomy,
                         const checkpoint::Vocabulary& vocabulary, const DetectRequest& request) {
  auto plan = plan_detection(anatomy, vocabulary, request);
  if (!plan) return std::move(plan).error();
  return Detector(checkpoint, anatomy, vocabulary, request, std::move(*plan)).run();
}

}  // namespace wmk::verify
