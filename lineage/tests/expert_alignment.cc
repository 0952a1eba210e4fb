#include "lineage/tests/expert_alignment.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "lineage/model/sampling.h"

namespace wmk::lineage {

namespace {

using checkpoint::UnitGroup;

// Numbers read from either model, and operations of a rotation: a fifth of what T1 may use.
constexpr double kOrderNumbersMax = 1e8, kOrderRotationMax = 8e10;
constexpr uint64_t kBlockNeurons = 128;

struct Planned {
  ExpertAlignment out;
  uint64_t suspect_neurons = 0, reference_neurons = 0;  // numbered so far
};

void add_blocks(NeuronBlock block, uint64_t count, Planned& to) {
  for (uint64_t at = 0; at < count; at += kBlockNeurons) {
    NeuronBlock part = block;
    part.suspect_first += at;
    part.suspect_number += at;
    part.reference_first += at;
    part.reference_number += at;
    part.count = std::min(kBlockNeurons, count - at);
    to.out.vectors += 2.0 * static_cast<double>(part.count);
    to.out.blocks.push_back(part);
  }
}

// An expert against a dense layer: expert e of h neurons starts at neuron (e * h) mod n of the n in
// the layer, and continues at 0 after the last one.
void add_wrapped(const UnitGroup& b, const UnitGroup& a, uint64_t number, uint64_t suspect_number,
                 Planned& to) {
  uint64_t at = 0, place = number % a.units * (b.units % a.units) % a.units;
  while (at < b.units) {
    const uint64_t count = std::min(b.units - at, a.units - place);
    add_blocks({&b, &a, at, place, 0, suspect_number + at, to.reference_neurons + place}, count,
               to);
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

uint64_t neurons_in(const checkpoint::Anatomy& anatomy, const std::vector<size_t>& groups) {
  uint64_t neurons = 0;
  for (const size_t i : groups) neurons += anatomy.groups[i].units;
  return neurons;
}

// Adds the blocks of one pair of layers, if their neurons can be in order.
void add_layer(const ModelPair& pair, const LayerPair& layers, Planned& to) {
  const auto &b = *pair.suspect.anatomy, &a = *pair.reference.anatomy;
  const auto of_b = groups_of_layer(b, layers.suspect), of_a = groups_of_layer(a, layers.reference);
  if (of_b.size() < 2 && of_a.size() < 2) return;  // both dense
  to.out.has_experts = true;
  const bool by_number = same_forms(b, of_b, a, of_a);
  if ((!by_number && of_a.size() != 1) || of_a.empty() || of_b.empty()) return;
  uint64_t suspect_number = to.suspect_neurons, reference_number = to.reference_neurons;
  for (size_t i = 0; i < of_b.size(); ++i) {
    const UnitGroup &group_b = b.groups[of_b[i]], &group_a = a.groups[of_a[by_number ? i : 0]];
    if (!group_b.gate || !group_a.gate || group_a.units == 0) return;
    if (by_number) {
      add_blocks({&group_b, &group_a, 0, 0, 0, suspect_number, reference_number}, group_b.units,
                 to);
      reference_number += group_a.units;
    } else {
      add_wrapped(group_b, group_a, group_b.expert.value_or(0), suspect_number, to);
    }
    suspect_number += group_b.units;
  }
  to.suspect_neurons = suspect_number;
  to.reference_neurons += neurons_in(a, of_a);
}

std::string keep_some(const ModelPair& pair, const Basis& basis, ExpertAlignment& alignment) {
  const auto from = static_cast<double>(basis.from);
  double excess = alignment.vectors * from / kOrderNumbersMax;
  if (basis.has_matrix()) {
    const double work = alignment.vectors * 2 * from * static_cast<double>(basis.to);
    excess = std::max(excess, work / kOrderRotationMax);
  }
  if (excess <= 1) return {};
  const auto step = static_cast<size_t>(std::ceil(excess));
  auto random = random_for(pair.seed, "expert order");
  std::vector<NeuronBlock> kept;
  for (size_t i = below(random, step); i < alignment.blocks.size(); i += step) {
    kept.push_back(alignment.blocks[i]);
  }
  alignment.blocks = std::move(kept);
  return cat("every ", step, "th block of neurons, seed ", pair.seed);
}

}  // namespace

ExpertAlignment align_experts(const ModelPair& pair, const Basis& basis,
                              const std::vector<LayerPair>& layers) {
  Planned planned;
  for (const LayerPair& both : layers) add_layer(pair, both, planned);
  planned.out.sampled = keep_some(pair, basis, planned.out);
  return std::move(planned.out);
}

}  // namespace wmk::lineage
