#include "embed/tags.h"

#include <algorithm>

namespace wmk::embed {

namespace {

constexpr float kSoftness = 0.7f;

float hard(float y) { return y >= 0 ? 1.0f : -1.0f; }
float soft(float y) { return std::clamp(y / kSoftness, -1.0f, 1.0f); }

template <class Factor>
void fill(const Panel& panel, const std::vector<Pair>& pairs, size_t column, TagFactors factors,
          Factor factor, std::vector<float>& tags) {
  const size_t m = pairs.size();
  for (size_t u = 0; u < panel.units; ++u) {
    const float* first = &panel.y[factors.first][u * panel.columns + column];
    const float* second = &panel.y[factors.second][u * panel.columns + column];
    float* out = &tags[u * m];
    for (size_t j = 0; j < m; ++j) out[j] = factor(first[pairs[j].a]) * factor(second[pairs[j].b]);
  }
}

}  // namespace

void make_tags(const Projector& projector, size_t structure, const Panel& panel, Kind kind,
               TagRule rule, std::vector<float>& tags) {
  const std::vector<Pair>& pairs = projector.structures()[structure].pairs[kind];
  const size_t column = projector.tag_column(structure);
  const TagFactors factors = tag_factors(kind, panel.gated);
  tags.resize(panel.units * pairs.size());
  if (rule == TagRule::hard) {
    fill(panel, pairs, column, factors, hard, tags);
  } else {
    fill(panel, pairs, column, factors, soft, tags);
  }
}

}  // namespace wmk::embed
