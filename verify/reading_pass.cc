#include "verify/reading_pass.h"

#include <algorithm>

#include "verify/site_scan.h"

namespace wmk::verify {

namespace {

constexpr size_t kAnalysesMax = 7;
// Natural interference makes a sketch a little longer than a random sum, and z as much smaller.
constexpr double kUsualLength = 1.015;

// Scores all entries; whether one of them is to be read further.
bool consider_all(const std::vector<SiteScan>& scans, const std::vector<PassEntry>& entries,
                  unsigned threads, Answer& answer) {
  const Stage stage = entries.front().reading->plan.whole();
  bool is_open = false;
  for (const bool exchanged : {false, true}) {
    for (const PassEntry& entry : entries) {
      if (entry.exchanged != exchanged) continue;
      const auto sites = scans[entry.frame].readings(stage.read, threads, exchanged);
      if (sites.empty()) continue;
      answer.consider(*entry.reading, entry.hypothesis, stage.totals, sites);
      const Tried& seen = answer.last();
      is_open |= seen.expected_z < kLeaveExpected || seen.z >= kLeaveBelow;
    }
  }
  return is_open;
}

// Heads alone: as far as an untouched copy would show enough, then all of them.
std::vector<double> head_parts(const DetectPlan& plan, const checkpoint::Anatomy& anatomy) {
  const auto layers = static_cast<double>(std::max<size_t>(1, anatomy.heads.layers.size()));
  const auto weights = static_cast<double>(anatomy.heads.vectors() * anatomy.width);
  for (double count = 1; count < layers; ++count) {
    const auto read = static_cast<uint64_t>(count / layers * weights);
    if (plan.expected_z(embed::Site::heads, plan.shares_asked(), read, kUsualLength) >=
        kLeaveExpected) {
      return {count / layers, 1};
    }
  }
  return {1};
}

// One for each frame.
std::vector<SiteScan> make_scans(const PlannedReading& units, embed::Sites sites,
                                 const std::vector<PassEntry>& entries,
                                 const std::vector<FrameStructures>& frames,
                                 embed::CoordinateMemo& memo, const DetectRequest& request,
                                 bool hard_only) {
  const auto& checkpoint = *units.reading.checkpoint;
  const auto& anatomy = *units.reading.anatomy;
  const auto order = embed::scan_order(checkpoint, anatomy, request.block_bytes);
  const auto ends = embed::analysis_ends(order, pass_parts(units.plan, anatomy.weight_count()));
  std::vector<SiteScan> out;
  out.reserve(frames.size());
  for (size_t i = 0; i < frames.size(); ++i) {
    const bool exchanges = std::any_of(entries.begin(), entries.end(), [i](const PassEntry& entry) {
      return entry.frame == i && entry.exchanged;
    });
    // Readings of other heads share their vectors; others have no more than one pass.
    embed::VectorMemo* heads = sites[embed::Site::ffn] ? nullptr : frames[i].heads.get();
    const auto& first = *std::find_if(entries.begin(), entries.end(), [i](const PassEntry& entry) {
      return entry.frame == i && !entry.exchanged;
    });
    const embed::ScanParts parts{
        request.parts,
        first.hypothesis.scan_name(hard_only ? "hard tags" : "pass", units.plan.whole().read)};
    out.emplace_back(
        units.subject(), *frames[i].structures,
        SitePass{sites, order, ends, exchanges, embed::ScanMemo{&memo, frames[i].number}, hard_only,
                 heads, head_parts(units.plan, anatomy), parts});
  }
  return out;
}

}  // namespace

namespace {

bool has_equal_units(const PlannedReading& reading, std::span<const PlannedReading> earlier) {
  return std::any_of(earlier.begin(), earlier.end(), [&](const PlannedReading& other) {
    return are_units_equal(other.reading, reading.reading) &&
           are_labels_equal(other.reading, reading.reading);
  });
}

}  // namespace

embed::Sites new_sites(embed::Sites sites, const PlannedReading& reading,
                       std::span<const PlannedReading> earlier) {
  const auto is_same = [&](const PlannedReading& other) {
    return are_heads_equal(other.reading, reading.reading) &&
           are_labels_equal(other.reading, reading.reading);
  };
  if (std::any_of(earlier.begin(), earlier.end(), is_same)) sites[embed::Site::heads] = false;
  if (changes_heads(reading)) {
    sites[embed::Site::ffn] = sites[embed::Site::ffn] && !has_equal_units(reading, earlier);
  }
  return sites;
}

std::vector<double> pass_parts(const DetectPlan& plan, uint64_t weights) {
  constexpr double kFinest = 0x1p-16;
  const auto shows = [&](double part) {
    const auto read = static_cast<uint64_t>(part * static_cast<double>(weights));
    return plan.expected_z(embed::Site::ffn, plan.shares_asked(), read, kUsualLength) >=
           kLeaveExpected;
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

bool changes_heads(const PlannedReading& reading) {
  return change_of(reading.reading.changes, checkpoint::Axis::heads) != nullptr;
}

bool is_read_in_one_frame(const checkpoint::Reading& reading) {
  return reading.changes.size() > 1 || change_of(reading.changes, checkpoint::Axis::heads);
}

Status run_pass(const PlannedReading& units, embed::Sites sites,
                const std::vector<PassEntry>& entries, const std::vector<FrameStructures>& frames,
                embed::CoordinateMemo& memo, const DetectRequest& request, Answer& answer) {
  if (request.progress) {
    request.progress->begin("other readings",
                            frames.size() * SiteScan::bytes_of(units.subject(), sites));
  }
  Status status;
  bool is_open = true;
  // Most readings show nothing with hard tags at the first analysis; soft ones double the work.
  for (const bool hard_only : {true, false}) {
    std::vector<SiteScan> scans =
        make_scans(units, sites, entries, frames, memo, request, hard_only);
    if (scans.front().is_empty()) break;
    if (hard_only && scans.front().analysis_count() == 1) continue;
    while (status && is_open && !scans.front().done()) {
      for (SiteScan& scan : scans) {
        if (status) status = scan.advance(request.threads, request.progress);
      }
      if (!status) break;
      // Most readings are left at the first analysis: a part goes no further.
      is_open = !request.is_part() && consider_all(scans, entries, request.threads, answer);
      if ((answer.is_conclusive() && !request.full) || hard_only) break;
    }
    for (const SiteScan& scan : scans) answer.add_bytes(scan.bytes());
    if (!status || !is_open || (answer.is_conclusive() && !request.full)) break;
  }
  if (request.progress) request.progress->end();
  return status;
}

}  // namespace wmk::verify
