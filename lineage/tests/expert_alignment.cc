#include "lineage/tests/expert_alignment.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace wmk::lineage {

namespace {

using checkpoint::UnitGroup;

// Numbers read of either side, and operations of a rotation: a fifth of what T1 may take.
constexpr double kOrderNumbersMax = 1e8, kOrderRotationMax = 8e10;
constexpr uint64_t kSliceUnits = 128;

struct Planned {
  ExpertSlices out;
  uint64_t suspect_units = 0, reference_units = 0;  // numbered so far
};

void add_slice(ExpertSlice slice, uint64_t count, Planned& to) {
  for (uint64_t at = 0; at < count; at += kSliceUnits) {
    ExpertSlice part = slice;
    part.suspect_first += at;
    part.suspect_unit += at;
    part.reference_first += at;
    part.reference_unit += at;
    part.count = std::min(kSliceUnits, count - at);
    to.out.vectors += 2.0 * static_cast<double>(part.count);
    to.out.all.push_back(part);
  }
}

// Expert e of `units` neurons beside a dense layer of n: from place e * units mod n on, and round.
void add_wrapped(const UnitGroup& b, const UnitGroup& a, uint64_t number, uint64_t suspect_unit,
                 Planned& to) {
  uint64_t at = 0, place = number % a.units * (b.units % a.units) % a.units;
  while (at < b.units) {
    const uint64_t count = std::min(b.units - at, a.units - place);
    add_slice({&b, &a, at, place, 0, suspect_unit + at, to.reference_units + place}, count, to);
    at += count;
    place = 0;
  }
}

bool same_forms(const checkpoint::Anatomy& b, const std::vector<size_t>& of_b,
                const checkpoint::Anatomy& a, const std::vector<size_t>& of_a) {
  return std::equal(of_b.begin(), of_b.end(), of_a.begin(), of_a.end(), [&](size_t i, size_t j) {
    return b.groups[i].units == a.groups[j].units && b.groups[i].shared == a.groups[j].shared &&
           b.groups[i].expert.has_value() == a.groups[j].expert.has_value();
  });
}

uint64_t units_in(const checkpoint::Anatomy& anatomy, const std::vector<size_t>& groups) {
  uint64_t units = 0;
  for (const size_t i : groups) units += anatomy.groups[i].units;
  return units;
}

// Where the neurons of this pair of layers can stand in order.
void add_layer(const Pair& pair, const LayerPair& layers, Planned& to) {
  const auto &b = *pair.suspect.anatomy, &a = *pair.reference.anatomy;
  const auto of_b = groups_of_layer(b, layers.suspect), of_a = groups_of_layer(a, layers.reference);
  if (of_b.size() < 2 && of_a.size() < 2) return;  // both dense
  to.out.has_experts = true;
  const bool by_number = same_forms(b, of_b, a, of_a);
  if ((!by_number && of_a.size() != 1) || of_a.empty() || of_b.empty()) return;
  uint64_t suspect_unit = to.suspect_units, reference_unit = to.reference_units;
  for (size_t i = 0; i < of_b.size(); ++i) {
    const UnitGroup &group_b = b.groups[of_b[i]], &group_a = a.groups[of_a[by_number ? i : 0]];
    if (!group_b.gate || !group_a.gate || group_a.units == 0) return;
    if (by_number) {
      add_slice({&group_b, &group_a, 0, 0, 0, suspect_unit, reference_unit}, group_b.units, to);
      reference_unit += group_a.units;
    } else {
      add_wrapped(group_b, group_a, group_b.expert.value_or(0), suspect_unit, to);
    }
    suspect_unit += group_b.units;
  }
  to.suspect_units = suspect_unit;
  to.reference_units += units_in(a, of_a);
}

std::string keep_some(const Pair& pair, const Gauge& gauge, ExpertSlices& slices) {
  const auto from = static_cast<double>(gauge.from);
  double excess = slices.vectors * from / kOrderNumbersMax;
  if (gauge.kind == GaugeKind::rotation) {
    const double work = slices.vectors * 2 * from * static_cast<double>(gauge.to);
    excess = std::max(excess, work / kOrderRotationMax);
  }
  if (excess <= 1) return {};
  const auto step = static_cast<size_t>(std::ceil(excess));
  auto random = random_for(pair.seed, "expert order");
  std::vector<ExpertSlice> kept;
  for (size_t i = below(random, step); i < slices.all.size(); i += step) {
    kept.push_back(slices.all[i]);
  }
  slices.all = std::move(kept);
  return cat("every ", step, "th block of neurons, seed ", pair.seed);
}

}  // namespace

ExpertSlices plan_slices(const Pair& pair, const Gauge& gauge,
                         const std::vector<LayerPair>& layers) {
  Planned planned;
  for (const LayerPair& both : layers) add_layer(pair, both, planned);
  planned.out.sampled = keep_some(pair, gauge, planned.out);
  return std::move(planned.out);
}

}  // namespace wmk::lineage
