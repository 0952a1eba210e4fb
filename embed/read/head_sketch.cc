#include "embed/read/head_sketch.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "stats/gemm.h"
#include "stats/spectral.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

constexpr float kHeadClamp = 4;
constexpr float kSoftWidth = 0.7f;
constexpr double kHeadClipFactor = 1.5;

float tag_factor(float y, TagRule rule) {
  if (rule == TagRule::hard) return y >= 0 ? 1.0f : -1.0f;
  return std::clamp(y / kSoftWidth, -1.0f, 1.0f);
}

ShareReading read_share(unsigned share, const Structure& structure, const HeadSketchSet& sketches,
                        size_t index) {
  const size_t r = head_rows(structure);
  const WipedVector<int8_t> signs = head_carrier(structure);
  ShareReading out{.share = share, .correlation = {}, .length = {}};
  for (TagRule rule : kTagRules) {
    std::vector<double> w = sketches.matrix(index, rule);
    Length& length = out.length[static_cast<size_t>(rule)];
    for (double x : w) length.squared += x * x;
    length.expected = sketches.energy(index) * static_cast<double>(kHeadTags);
    if (length.squared == 0) continue;
    w = stats::clip_singular_values(w, kHeadTags, r * r, kHeadClipFactor);
    Correlation& correlation = out.correlation[static_cast<size_t>(rule)];
    for (size_t e = 0; e < w.size(); ++e) {
      correlation.product += signs[e] * w[e];
      correlation.norm_squared += w[e] * w[e];
    }
  }
  return out;
}

}  // namespace

HeadSketchSet::HeadSketchSet(const std::vector<Structure>& structures)
    : energies_(structures.size()) {
  for (const Structure& structure : structures) {
    const size_t r = head_rows(structure);
    auto& sums = sums_.emplace_back();
    for (auto& each : sums) each.resize(kHeadTags * r * r);
  }
}

void HeadSketchSet::merge(const HeadSketchSet& other) {
  for (size_t s = 0; s < sums_.size(); ++s) {
    for (size_t rule = 0; rule < kTagRules.size(); ++rule) {
      auto& sums = sums_[s][rule];
      stats::add(other.sums_[s][rule].data(), sums.size(), sums.data());
    }
    energies_[s] += other.energies_[s];
  }
  weights += other.weights;
  bytes += other.bytes;
  heads += other.heads;
  absent += other.absent;
}

std::vector<double> HeadSketchSet::matrix(size_t structure, TagRule rule) const {
  const auto& sums = sums_[structure][static_cast<size_t>(rule)];
  std::vector<double> out(sums.begin(), sums.end());
  for (double& value : out) value /= kSketchUnit;
  return out;
}

double HeadSketchSet::energy(size_t structure) const {
  return static_cast<double>(energies_[structure]) / kEnergyUnit;
}

void make_head_tags(const Circuits& circuits, const WipedVector<HeadTagEntries>& entries,
                    TagRule rule, std::vector<float>& tags) {
  const size_t size = circuits.r * circuits.r;
  tags.resize(circuits.heads * entries.size());
  for (size_t h = 0; h < circuits.heads; ++h) {
    const float* b = &circuits.b[h * size];
    for (size_t j = 0; j < entries.size(); ++j) {
      tags[h * entries.size() + j] =
          tag_factor(b[entries[j].first], rule) * tag_factor(b[entries[j].second], rule);
    }
  }
}

bool HeadSketcher::add(const Structure& share, size_t index, bool limited, Circuits& circuits,
                       HeadSketchSet& out) {
  constexpr double kLimitedFrom = 2;  // times the square of the length
  for (float& y : circuits.a) y = std::clamp(y, -kHeadClamp, kHeadClamp);
  const size_t size = circuits.r * circuits.r;
  const double energy = stats::sum_of_squares(circuits.a.data(), circuits.a.size());
  const double allowed = energy * static_cast<double>(kHeadTags);
  out.energies_[index] += std::llround(energy * kEnergyUnit);
  const auto entries = head_tag_entries(share);
  bool is_long = false;
  product_.resize(kHeadTags * size);
  for (TagRule rule : kTagRules) {
    make_head_tags(circuits, entries, rule, tags_);
    stats::gemm(stats::Op::transposed, stats::Op::plain, kHeadTags, size, circuits.heads,
                tags_.data(), kHeadTags, circuits.a.data(), size, 0.0f, product_.data(), size);
    const double squared = limited ? stats::sum_of_squares(product_.data(), product_.size()) : 0;
    if (squared > allowed) {
      is_long = is_long || squared > kLimitedFrom * allowed;
      stats::scale(static_cast<float>(std::sqrt(allowed / squared)), product_.size(),
                   product_.data());
    }
    auto& sums = out.sums_[index][static_cast<size_t>(rule)];
    stats::add_fixed_point(product_.data(), sums.size(), kSketchUnit, sums.data());
  }
  return is_long;
}

Status HeadSketcher::absorb(const CircuitReader& reader, size_t layer, HeadSketchSet& out) {
  Status status = reader.project(layer, ProjectionUse::sketch, scratch_, projection_);
  if (!status) return status;
  for (size_t s = 0; s < reader.structures().size(); ++s) {
    reader.multiply(projection_, s, circuits_);
    (void)add(reader.structures()[s], s, false, circuits_, out);
    if (s == 0) out.absent += circuits_.absent;
  }
  out.heads += projection_.layer->heads;
  out.weights += projection_.layer->vectors() * reader.width();
  out.bytes += projection_.bytes;
  return {};
}

Status read_heads(const CircuitReader& reader, std::span<const size_t> layers, unsigned threads,
                  Progress* progress, HeadSketchSet& out) {
  const size_t worker_count = std::clamp<size_t>(layers.size(), 1, std::max(1u, threads));
  std::vector<HeadSketcher> workers(worker_count);
  // The first worker adds to `out` itself: a set takes megabytes.
  std::vector<HeadSketchSet> partial(worker_count - 1, HeadSketchSet(reader.structures()));
  const auto work = [&](size_t index, unsigned w) -> Status {
    HeadSketchSet& sums = w == 0 ? out : partial[w - 1];
    const uint64_t before = sums.bytes;
    Status status = workers[w].absorb(reader, layers[index], sums);
    if (progress) progress->advance(sums.bytes - before);
    return status;
  };
  Status status = parallel_for(layers.size(), static_cast<unsigned>(worker_count), work);
  if (!status) return status;
  for (const HeadSketchSet& part : partial) out.merge(part);
  return {};
}

std::vector<ShareReading> read_head_shares(const std::vector<unsigned>& shares,
                                           const std::vector<Structure>& structures,
                                           const HeadSketchSet& sketches, unsigned threads) {
  std::vector<ShareReading> out(structures.size());
  (void)parallel_for(out.size(), threads, [&](size_t i, unsigned) -> Status {
    out[i] = read_share(shares[i], structures[i], sketches, i);
    return {};
  });
  return out;
}

}  // namespace wmk::embed
