#include "verify/share_readings.h"

#include "base/parallel.h"

namespace wmk::verify {

std::vector<ShareReading> read_shares(const std::vector<unsigned>& shares,
                                      const std::vector<embed::Structure>& structures,
                                      const embed::SketchSet& sketches, unsigned threads,
                                      size_t first) {
  // One task for each share, tag rule and kind: the guard's decompositions take longest.
  constexpr size_t rules = embed::kTagRules.size();
  std::vector<embed::Correlation> parts(shares.size() * rules * embed::kVectorKindCount);
  (void)parallel_for(parts.size(), threads, [&](size_t i, unsigned) -> Status {
    const size_t s = first + i / embed::kVectorKindCount / rules;
    const embed::Structure& structure = structures[s];
    const embed::TagRule rule = embed::kTagRules[i / embed::kVectorKindCount % rules];
    const embed::VectorKind kind = embed::kVectorKinds[i % embed::kVectorKindCount];
    const auto& sketch = sketches.at(s, rule);
    parts[i] = correlate(structure, kind, guarded(structure, kind, sketch.matrix(kind)));
    return {};
  });
  std::vector<ShareReading> out(shares.size());
  for (size_t s = 0; s < out.size(); ++s) {
    out[s].share = shares[s];
    for (size_t rule = 0; rule < rules; ++rule) {
      out[s].length[rule] = length_of(structures[first + s], sketches, first + s, embed::kTagRules[rule]);
    }
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    out[i / embed::kVectorKindCount / rules].correlation[i / embed::kVectorKindCount % rules] +=
        parts[i];
  }
  return out;
}

Total total_of(const std::vector<ShareReading>& readings, size_t count, embed::TagRule tags) {
  const size_t rule = static_cast<size_t>(tags);
  Total out;
  for (size_t i = 0; i < count; ++i) {
    out.correlation += readings[i].correlation[rule];
    out.length += readings[i].length[rule];
  }
  return out;
}

}  // namespace wmk::verify
