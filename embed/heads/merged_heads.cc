#include "embed/heads/merged_heads.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

constexpr double kAbsent = -std::numeric_limits<double>::infinity();
constexpr int kVanishing = -126;    // exponent of a product beside the largest one
constexpr double kVanishes = 1e-6;  // of the longest circuit of a sum

}  // namespace

uint64_t MergedHeads::heads() const { return circuits_.heads().layers[layer_].heads; }

// The largest exponent of a product of two vectors of the head.
int MergedHeads::top_exponent(size_t head) const {
  const checkpoint::HeadLayer& layer = circuits_.heads().layers[layer_];
  const size_t size = layer.value_size, kv = layer.value_head(head);
  int top = std::numeric_limits<int>::min();
  for (size_t i = 0; i < size; ++i) {
    top = std::max(top, o_.exponents[head * size + i] + v_.exponents[kv * size + i]);
  }
  return top;
}

// Adds the circuit of a head, divided by 2^top, in r rows of a frame. Returns its length.
double MergedHeads::add_circuit(size_t head, size_t first_column, int top,
                                std::vector<float>& sum) {
  using stats::Op;
  const checkpoint::HeadLayer& layer = circuits_.heads().layers[layer_];
  const size_t size = layer.value_size, kv = layer.value_head(head);
  const size_t r = po_.size() / size;
  factors_.resize(size);
  for (size_t i = 0; i < size; ++i) {
    const int down = o_.exponents[head * size + i] + v_.exponents[kv * size + i] - top;
    factors_[i] = down < kVanishing ? 0.0f : std::ldexp(1.0f, down);
  }
  for (size_t c = 0; c < r; ++c) {
    const float* o = &o_.y[(first_column + c) * o_.vectors + head * size];
    const float* v = &v_.y[(first_column + c) * v_.vectors + kv * size];
    for (size_t i = 0; i < size; ++i) po_[c * size + i] = factors_[i] * o[i];
    std::copy(v, v + size, &vp_[c * size]);
  }
  stats::gemm(Op::plain, Op::transposed, r, r, size, po_.data(), size, vp_.data(), size, 0.0f,
              one_.data(), r);
  for (size_t e = 0; e < r * r; ++e) sum[e] += one_[e];
  return std::sqrt(stats::sum_of_squares(one_.data(), r * r));
}

// The circuits of all sets under one share, at length r, and the lengths of A before that.
void MergedHeads::multiply(size_t share, Circuits& out, std::vector<double>& log2_lengths) {
  const size_t r = head_rows(circuits_.structures()[share]), size = r * r;
  const size_t values = circuits_.heads().layers[layer_].value_size;
  out.heads = sets_.size();
  out.r = r;
  out.a.assign(sets_.size() * size, 0);
  out.b.assign(sets_.size() * size, 0);
  log2_lengths.assign(sets_.size(), kAbsent);
  po_.resize(r * values);
  vp_.resize(r * values);
  one_.resize(size);
  for (size_t s = 0; s < sets_.size(); ++s) {
    int top = std::numeric_limits<int>::min();
    for (const uint32_t head : sets_[s]) top = std::max(top, top_exponent(head));
    double lengths[2] = {0, 0};
    bool vanishes = false;
    for (const bool tags : {false, true}) {
      std::vector<float>& sum = both_[tags];
      sum.assign(size, 0);
      double longest = 0;
      for (const uint32_t head : sets_[s]) {
        const size_t column = tags ? circuits_.tag_column(share) : circuits_.carrier_column(share);
        longest = std::max(longest, add_circuit(head, column, top, sum));
      }
      lengths[tags] = std::sqrt(stats::sum_of_squares(sum.data(), size));
      vanishes = vanishes || !(lengths[tags] > kVanishes * longest);
    }
    if (vanishes || !std::isfinite(lengths[0]) || !std::isfinite(lengths[1])) continue;
    log2_lengths[s] = std::log2(lengths[0]) + top;
    for (const bool tags : {false, true}) {
      float* to = &(tags ? out.b : out.a)[s * size];
      std::copy(both_[tags].begin(), both_[tags].end(), to);
      stats::scale(static_cast<float>(static_cast<double>(r) / lengths[tags]), size, to);
    }
  }
}

Status MergedHeads::read(size_t layer) {
  layer_ = layer;
  Status status = reader_.read_layer(layer, v_, o_);
  if (!status) return status;
  auto clusters = patterns_.find(layer, reader_);
  if (!clusters) return std::move(clusters).error();
  std::vector<uint8_t> is_merged(heads());
  for (const auto& cluster : *clusters) {
    for (const uint32_t head : cluster) is_merged[head] = 1;
  }
  sets_ = *std::move(clusters);
  for (uint32_t head = 0; head < heads(); ++head) {
    if (!is_merged[head]) sets_.push_back({head});
  }
  multiply(0, first_, strengths_);
  absent_ = 0;
  for (size_t s = 0; s < sets_.size(); ++s) {
    if (strengths_[s] == kAbsent) absent_ += sets_[s].size();
  }
  return {};
}

HeadBands MergedHeads::counted() const {
  HeadBands out;
  for (size_t s = 0; s < sets_.size(); ++s) {
    if (strengths_[s] == kAbsent) continue;
    HeadBand& band = out[band_of(strengths_[s])];
    ++band.count;
    if (sets_[s].size() > 1) band.merged += sets_[s].size();
  }
  return out;
}

Circuits MergedHeads::part_of(const Circuits& all, const std::vector<size_t>& heads) {
  const size_t size = all.r * all.r;
  Circuits out;
  out.heads = heads.size();
  out.r = all.r;
  for (const size_t head : heads) {
    const auto first = static_cast<std::ptrdiff_t>(head * size);
    const auto count = static_cast<std::ptrdiff_t>(size);
    out.a.insert(out.a.end(), all.a.begin() + first, all.a.begin() + first + count);
    out.b.insert(out.b.end(), all.b.begin() + first, all.b.begin() + first + count);
  }
  return out;
}

void MergedHeads::sketch(HeadBands& bands) {
  std::map<int, std::vector<size_t>> members;
  for (size_t s = 0; s < sets_.size(); ++s) {
    if (strengths_[s] != kAbsent) members[band_of(strengths_[s])].push_back(s);
  }
  std::vector<double> lengths;
  Circuits more;
  const auto& shares = circuits_.structures();
  for (size_t share = 0; share < shares.size(); ++share) {
    if (share > 0) multiply(share, more, lengths);
    for (const auto& [number, heads] : members) {
      HeadBand& band = bands[number];
      if (!band.sketches) continue;
      Circuits part = part_of(share == 0 ? first_ : more, heads);
      band.limited |= sketcher_.add(shares[share], share, true, part, *band.sketches);
    }
  }
  const checkpoint::HeadLayer& layer = circuits_.heads().layers[layer_];
  for (const auto& [number, heads] : members) {
    HeadBand& band = bands[number];
    if (!band.sketches) continue;
    band.sketches->heads += heads.size();
    band.sketches->weights += layer.vectors() * circuits_.width() / layer.heads * heads.size();
  }
}

}  // namespace wmk::embed
