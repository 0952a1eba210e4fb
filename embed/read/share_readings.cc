#include "embed/read/share_readings.h"

#include "base/parallel.h"

namespace wmk::embed {

std::vector<PerKind<std::vector<double>>> guarded_sketches(const std::vector<Structure>& structures,
                                                           const SketchSet& sketches,
                                                           std::span<const TagRule> rules,
                                                           unsigned threads) {
  std::vector<PerKind<std::vector<double>>> out(structures.size() * rules.size());
  (void)parallel_for(out.size() * kVectorKindCount, threads, [&](size_t i, unsigned) -> Status {
    const size_t entry = i / kVectorKindCount;
    const size_t s = entry / rules.size();
    const VectorKind kind = kVectorKinds[i % kVectorKindCount];
    const Sketch& sketch = sketches.at(s, rules[entry % rules.size()]);
    out[entry][kind] = guarded(structures[s], kind, sketch.matrix(kind));
    return {};
  });
  return out;
}

std::vector<ShareReading> read_shares(const std::vector<unsigned>& shares,
                                      const std::vector<Structure>& structures,
                                      const SketchSet& sketches, unsigned threads) {
  const auto v = guarded_sketches(structures, sketches, kTagRules, threads);
  std::vector<ShareReading> out(structures.size());
  for (size_t s = 0; s < out.size(); ++s) out[s].share = shares[s];
  (void)parallel_for(v.size(), threads, [&](size_t i, unsigned) -> Status {
    const size_t s = i / kTagRules.size(), rule = i % kTagRules.size();
    out[s].correlation[rule] = correlate(structures[s], v[i]);
    out[s].length[rule] = length_of(structures[s], sketches, s, kTagRules[rule]);
    return {};
  });
  return out;
}

Total total_of(const std::vector<ShareReading>& readings, size_t count, TagRule tags) {
  const size_t rule = static_cast<size_t>(tags);
  Total out;
  for (size_t i = 0; i < count; ++i) {
    out.correlation += readings[i].correlation[rule];
    out.length += readings[i].length[rule];
  }
  return out;
}

}  // namespace wmk::embed
