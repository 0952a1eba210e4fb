#include "verify/reading_pass.h"

#include <algorithm>

#include "embed/read/scan.h"

namespace wmk::verify {

namespace {

constexpr size_t kAnalysesMax = 7;
// Natural interference makes a sketch a little longer than a random sum, and z as much smaller.
constexpr double kUsualLength = 1.04;

// Scores all entries; whether one of them is to be read further.
bool consider_all(const embed::Scan& scan, const std::vector<PassEntry>& entries,
                  const std::vector<embed::Structure>& structures, unsigned threads,
                  Answer& answer) {
  bool is_open = false;
  for (const bool exchanged : {false, true}) {
    const auto is_one = [&](const PassEntry& entry) { return entry.exchanged == exchanged; };
    if (std::none_of(entries.begin(), entries.end(), is_one)) continue;
    const embed::SketchSet& sketches = exchanged ? scan.exchanged() : scan.sketches();
    const Stage stage = entries.front().reading->plan.whole();
    std::vector<unsigned> numbers;  // of the structures: the same shares for each frame
    for (size_t i = 0; i < structures.size(); ++i) {
      numbers.push_back(stage.read[i % stage.read.size()]);
    }
    const auto all = embed::read_shares(numbers, structures, sketches, threads);
    for (const PassEntry& entry : entries) {
      if (!is_one(entry)) continue;
      const auto first = all.begin() + static_cast<std::ptrdiff_t>(entry.first);
      const std::vector<embed::ShareReading> shares(
          first, first + static_cast<std::ptrdiff_t>(stage.read.size()));
      answer.consider(*entry.reading, entry.hypothesis, stage.totals, shares, sketches);
      const Tried& seen = answer.last();
      is_open |= seen.expected_z < kLeaveExpected || seen.z >= kLeaveBelow;
    }
  }
  return is_open;
}

}  // namespace

std::vector<double> pass_parts(const DetectPlan& plan, uint64_t weights) {
  constexpr double kFinest = 0x1p-16;
  const auto shows = [&](double part) {
    const auto read = static_cast<uint64_t>(part * static_cast<double>(weights));
    return plan.expected_z(plan.shares_asked(), read, kUsualLength) >= kLeaveExpected;
  };
  double low = 0, high = 1;
  while (shows(high) && high - low > kFinest) {
    const double middle = (low + high) / 2;
    (shows(middle) ? high : low) = middle;
  }
  std::vector<double> out;
  for (double part = high; part < 1 && out.size() + 1 < kAnalysesMax; part *= 2) {
    out.push_back(part);
  }
  out.push_back(1);
  return out;
}

Status run_pass(const PlannedReading& units, const std::vector<PassEntry>& entries,
                const std::vector<embed::Structure>& structures, const DetectRequest& request,
                Answer& answer) {
  const auto& checkpoint = *units.reading.checkpoint;
  const auto& anatomy = *units.reading.anatomy;
  const auto order = embed::scan_order(checkpoint, anatomy, request.block_bytes);
  const auto ends = embed::analysis_ends(order, pass_parts(units.plan, anatomy.weight_count()));
  const auto is_exchanged = [](const PassEntry& entry) { return entry.exchanged; };
  embed::Scan scan(checkpoint, anatomy, structures, order, ends,
                   std::any_of(entries.begin(), entries.end(), is_exchanged));
  if (request.progress) {
    request.progress->begin("other readings", embed::weight_bytes(checkpoint, anatomy));
  }
  bool is_open = true;
  while (!scan.done() && is_open) {
    if (auto status = scan.advance(request.threads, request.progress); !status) return status;
    is_open = consider_all(scan, entries, structures, request.threads, answer);
    if (answer.is_conclusive() && !request.full) break;
  }
  if (request.progress) request.progress->end();
  answer.add_bytes(scan.sketches().bytes);
  return {};
}

}  // namespace wmk::verify
