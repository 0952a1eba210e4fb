#include "verify/careful_windows.h"

#include <algorithm>

#include "embed/read/careful_scan.h"
#include "embed/read/scan.h"
#include "verify/reading_pass.h"

namespace wmk::verify {

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

// Neurons that are merged, shortened, skipped or of very different strengths.
bool is_unusual(const embed::CarefulScan& scan) {
  constexpr double kFew = 0.01, kMost = 0.9;
  const embed::CarefulFacts& facts = scan.facts();
  const auto units = static_cast<double>(facts.units);
  const auto is_limited = [](const embed::Window& window) { return window.limited; };
  return scan.windows().empty() || facts.skipped > 0 ||
         static_cast<double>(facts.merged_units) > kFew * units ||
         static_cast<double>(scan.windows()[0].neurons) < kMost * units ||
         std::any_of(scan.windows().begin(), scan.windows().end(), is_limited);
}

}  // namespace

Result<bool> try_windows(const PlannedReading& reading, const Hypothesis& plain,
                         const std::vector<embed::Structure>& structures, double part,
                         const DetectRequest& request, Answer& answer) {
  const checkpoint::Anatomy units = part_of(reading, part);
  embed::CarefulScan scan(*reading.reading.checkpoint, units, structures);
  if (request.progress) {
    request.progress->begin("careful", embed::weight_bytes(*reading.reading.checkpoint, units));
  }
  auto status = scan.run(request.threads, request.progress);
  if (request.progress) request.progress->end();
  if (!status) return std::move(status).error();
  answer.add_bytes(scan.facts().bytes);
  const Stage stage = reading.plan.whole();
  const size_t count = std::min<size_t>(scan.windows().size(), kWindowsMax);
  bool is_open = count == 0;
  if (plain.reading == 0 && is_unusual(scan)) answer.set_careful();
  for (size_t i = 0; i < count; ++i) {
    const embed::SketchSet& sketches = scan.windows()[i].sketches;
    const auto shares = embed::read_shares(stage.read, structures, sketches, request.threads);
    answer.consider(reading,
                    plain.of_window(static_cast<unsigned>(i + 1), are_shares_known(request)),
                    stage.totals, {ffn_reading(*reading.reading.anatomy, shares, sketches)});
    const Tried& seen = answer.last();
    is_open |= seen.z >= kLeaveBelow || (i == 0 && seen.expected_z < kLeaveExpected);
  }
  return is_open;
}

}  // namespace wmk::verify
