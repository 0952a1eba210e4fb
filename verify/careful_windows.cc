#include "verify/careful_windows.h"

#include <algorithm>

#include "base/text.h"
#include "embed/careful/careful_scan.h"
#include "embed/heads/careful_head_scan.h"
#include "embed/read/head_scan.h"
#include "embed/read/scan.h"
#include "verify/reading_pass.h"

namespace wmk::verify {

using embed::Site;

namespace {

// The first groups in the order of a scan that hold this part of the units.
checkpoint::Anatomy part_of(const PlannedReading& reading, double part) {
  checkpoint::Anatomy out = *reading.reading.anatomy;
  const auto total = static_cast<double>(out.unit_count());
  std::vector<bool> is_kept(out.groups.size());
  double kept = 0;
  for (const auto& block : embed::scan_order(*reading.reading.checkpoint, out)) {
    if (is_kept[block.group]) continue;
    if (kept >= part * total) break;
    is_kept[block.group] = true;
    kept += static_cast<double>(out.groups[block.group].units);
  }
  size_t next = 0;
  std::erase_if(out.groups, [&](const checkpoint::UnitGroup&) { return !is_kept[next++]; });
  return out;
}

// Neurons or heads that are merged, shortened, skipped or of very different strengths.
template <class Scan>
bool is_unusual(const Scan& scan, uint64_t total, uint64_t skipped, uint64_t merged,
                uint64_t first) {
  constexpr double kFew = 0.01, kMost = 0.9;
  const auto is_limited = [](const auto& window) { return window.limited; };
  const auto count = static_cast<double>(total);
  return scan.windows().empty() || skipped > 0 || static_cast<double>(merged) > kFew * count ||
         static_cast<double>(first) < kMost * count ||
         std::any_of(scan.windows().begin(), scan.windows().end(), is_limited);
}

// The careful scans of the sites of one reading.
class WindowScans {
 public:
  WindowScans(const Subject& subject, const std::vector<embed::Structure>& structures,
              embed::Sites sites, embed::ScanMemo memo = {}, const embed::ScanParts& parts = {})
      : subject_(subject), structures_(structures) {
    const checkpoint::Anatomy& anatomy = *subject.anatomy;
    if (sites[Site::ffn]) {
      ffn_.emplace(*subject.checkpoint, anatomy, structures, memo);
      ffn_->use(parts.named(cat(", ffn, groups 0-", anatomy.groups.size())));
    }
    if (sites[Site::heads] && !anatomy.heads.layers.empty()) {
      heads_.emplace(*subject.checkpoint, anatomy, structures);
      heads_->use(parts.named(", heads"));
    }
  }

  Status run(double heads_part, const char* stage, const DetectRequest& request) {
    const auto& checkpoint = *subject_.checkpoint;
    const auto& anatomy = *subject_.anatomy;
    if (request.progress) {
      const uint64_t bytes = (ffn_ ? embed::weight_bytes(checkpoint, anatomy) : 0) +
                             (heads_ ? embed::head_bytes(checkpoint, anatomy) : 0);
      request.progress->begin(stage, bytes);
    }
    Status status = ffn_ ? ffn_->run(request.threads, request.progress) : Status();
    if (status && heads_) status = heads_->run(heads_part, request.threads, request.progress);
    if (request.progress) request.progress->end();
    return status;
  }

  uint64_t bytes() const {
    return (ffn_ ? ffn_->facts().bytes : 0) + (heads_ ? heads_->facts().bytes : 0);
  }
  size_t count() const {
    const size_t ffn = ffn_ ? ffn_->windows().size() : 0;
    const size_t heads = heads_ ? heads_->windows().size() : 0;
    return std::min<size_t>(std::max(ffn, heads), kWindowsMax);
  }
  // What window `i` of each site shows. `all`: the anatomy of the whole model.
  std::vector<SiteReading> readings(size_t i, const checkpoint::Anatomy& all,
                                    const std::vector<unsigned>& shares, unsigned threads) const {
    std::vector<SiteReading> out;
    if (ffn_ && i < ffn_->windows().size()) {
      const embed::SketchSet& sketches = ffn_->windows()[i].sketches;
      out.push_back(
          ffn_reading(all, embed::read_shares(shares, structures_, sketches, threads), sketches));
      out.back().band = ffn_->windows()[i].band;
    }
    if (heads_ && i < heads_->windows().size()) {
      const embed::HeadSketchSet& sketches = heads_->windows()[i].sketches;
      const auto read = embed::read_head_shares(shares, structures_, sketches, threads);
      out.push_back(head_reading(all, read, sketches));
      out.back().band = heads_->windows()[i].band;
    }
    return out;
  }
  bool are_unusual() const {
    bool out = false;
    if (ffn_) {
      const embed::CarefulFacts& facts = ffn_->facts();
      const uint64_t first = ffn_->windows().empty() ? 0 : ffn_->windows()[0].neurons;
      out |= is_unusual(*ffn_, facts.units, facts.skipped, facts.merged_units, first);
    }
    if (heads_) {
      const embed::CarefulHeadFacts& facts = heads_->facts();
      const uint64_t first = heads_->windows().empty() ? 0 : heads_->windows()[0].heads;
      out |= is_unusual(*heads_, facts.heads, facts.absent, facts.merged_heads, first);
    }
    return out;
  }

 private:
  const Subject subject_;
  const std::vector<embed::Structure>& structures_;
  std::optional<embed::CarefulScan> ffn_;
  std::optional<embed::CarefulHeadScan> heads_;
};

}  // namespace

Result<bool> try_windows(const PlannedReading& reading, const Hypothesis& plain,
                         const std::vector<embed::Structure>& structures, const WindowPass& pass,
                         const DetectRequest& request, Answer& answer) {
  const checkpoint::Anatomy units = part_of(reading, pass.part);
  const Stage stage = reading.plan.whole();
  WindowScans scans({reading.reading.checkpoint.get(), &units, reading.reading.vocabulary.get()},
                    structures, pass.sites, pass.memo,
                    {request.parts, plain.scan_name("careful", stage.read)});
  Status status = scans.run(pass.part, "careful", request);
  if (!status) return std::move(status).error();
  answer.add_bytes(scans.bytes());
  if (request.is_part()) return false;
  const size_t count = scans.count();
  bool is_open = count == 0;
  if (plain.reading == 0 && scans.are_unusual()) answer.set_careful();
  for (size_t i = 0; i < count; ++i) {
    answer.consider(
        reading, plain.of_window(static_cast<unsigned>(i + 1), are_shares_known(request)),
        stage.totals, scans.readings(i, *reading.reading.anatomy, stage.read, request.threads));
    const Tried& seen = answer.last();
    is_open |= seen.z >= kLeaveBelow || (i == 0 && seen.expected_z < kLeaveExpected);
  }
  return is_open;
}

Result<std::vector<std::vector<SiteReading>>> read_windows(
    const Subject& subject, const std::vector<unsigned>& shares,
    const std::vector<embed::Structure>& structures, embed::Sites sites,
    const DetectRequest& request) {
  WindowScans scans(subject, structures, sites);
  Status status = scans.run(1, "control", request);
  if (!status) return std::move(status).error();
  std::vector<std::vector<SiteReading>> out;
  for (size_t i = 0; i < scans.count(); ++i) {
    out.push_back(scans.readings(i, *subject.anatomy, shares, request.threads));
  }
  return out;
}

}  // namespace wmk::verify
