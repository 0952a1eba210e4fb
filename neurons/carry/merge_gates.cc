#include "neurons/carry/merge_gates.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/parallel.h"
#include "neurons/careful/gate_signs.h"
#include "neurons/careful/same_gate.h"
#include "neurons/carry/fixed_signs.h"
#include "neurons/carry/gate_rows.h"
#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::neurons {

using stats::Op;

namespace {

constexpr size_t kGateSketch = 64;
// Projected cosines of equal gates are closer to 1 than this; those of others are rarely above it.
constexpr float kCandidate = 0.94f;
constexpr size_t kBlock = 256;
constexpr double kNothing = -std::numeric_limits<double>::infinity();

Rows project_gates(const Rows& gates) {
  if (gates.width <= kGateSketch) return gates;
  const std::vector<float> signs = fixed_signs(gates.width * kGateSketch, "gates");
  Rows out{gates.count, kGateSketch, std::vector<float>(gates.count * kGateSketch)};
  stats::gemm(Op::plain, Op::plain, gates.count, kGateSketch, gates.width, gates.values.data(),
              gates.width, signs.data(), kGateSketch, 0.0f, out.values.data(), kGateSketch);
  normalise(out);
  return out;
}

// Pairs (i, j), j < i, of one FFN whose projected gates are close.
std::vector<std::pair<uint32_t, uint32_t>> candidates(const MergeInput& input, unsigned threads) {
  const Rows sketch = project_gates(input.gates);
  const size_t n = sketch.count, k = sketch.width, blocks = (n + kBlock - 1) / kBlock;
  std::vector<std::vector<std::pair<uint32_t, uint32_t>>> found(blocks);
  (void)parallel_for(blocks, threads, [&](size_t b, unsigned) -> Status {
    const size_t first = b * kBlock, count = std::min(kBlock, n - first), columns = first + count;
    std::vector<float> cosines(count * columns);
    stats::gemm(Op::plain, Op::transposed, count, columns, k, sketch.row(first), k,
                sketch.values.data(), k, 0.0f, cosines.data(), columns);
    for (size_t r = 0; r < count; ++r) {
      const float* row = &cosines[r * columns];
      for (size_t j = 0; j < first + r; ++j) {
        if (row[j] > kCandidate && input.ffn[first + r] == input.ffn[j]) {
          found[b].emplace_back(static_cast<uint32_t>(first + r), static_cast<uint32_t>(j));
        }
      }
    }
    return {};
  });
  std::vector<std::pair<uint32_t, uint32_t>> out;
  for (const auto& part : found) out.insert(out.end(), part.begin(), part.end());
  return out;
}

// log2 of the length of sum of u (x) v over the members.
double strength_of(const MergeInput& input, const std::vector<uint32_t>& members) {
  int top = std::numeric_limits<int>::min();
  for (const uint32_t i : members) top = std::max(top, input.exponents[i]);
  std::vector<double> sum(kSketch * kSketch);
  for (const uint32_t i : members) {
    const double factor = std::ldexp(1.0, input.exponents[i] - top);
    for (size_t a = 0; a < kSketch; ++a) {
      const double left = factor * input.up[i * kSketch + a];
      for (size_t b = 0; b < kSketch; ++b) {
        sum[a * kSketch + b] += left * input.down[i * kSketch + b];
      }
    }
  }
  double squares = 0;
  for (const double x : sum) squares += x * x;
  return squares > 0 ? top + std::log2(squares) / 2 : kNothing;
}

// The strength above which a neuron is kept.
double weakest(std::vector<double> strengths) {
  std::sort(strengths.begin(), strengths.end(), std::greater<>());
  double sum = 0, half = 0;
  for (const double s : strengths) sum += std::exp2(s - strengths.front());
  for (const double s : strengths) {
    half += std::exp2(s - strengths.front());
    if (2 * half >= sum) return s + std::log2(kWeakest);
  }
  return kNothing;
}

}  // namespace

MergeInput::MergeInput(const Rows& all_gates, size_t width, size_t count)
    : gates(all_gates),
      ffn(count),
      up(count * kSketch),
      down(count * kSketch),
      exponents(count),
      signs_(fixed_signs(width * kSketch, "neurons")) {}

void MergeInput::add(RowKind kind, size_t first, const Rows& rows,
                     const std::vector<int>& row_exponents) {
  std::vector<float>& out = kind == RowKind::up ? up : down;
  stats::gemm(Op::plain, Op::plain, rows.count, kSketch, rows.width, rows.values.data(), rows.width,
              signs_.data(), kSketch, 0.0f, &out[first * kSketch], kSketch);
  for (size_t i = 0; i < rows.count; ++i) exponents[first + i] += row_exponents[i];
}

bool is_zero(const Rows& rows, size_t i) {
  return stats::sum_of_squares(rows.row(i), rows.width) == 0;
}

std::vector<uint32_t> strong_neurons(const MergeInput& input, unsigned threads) {
  Components sets(input.gates.count);
  const size_t d = input.gates.width;
  for (const auto& [i, j] : candidates(input, threads)) {
    if (sets.root(i) == sets.root(j)) continue;
    if (stats::dot(input.gates.row(i), input.gates.row(j), d) > kSameGate) sets.join(i, j);
  }
  std::vector<std::vector<uint32_t>> members(input.gates.count);
  for (uint32_t i = 0; i < input.gates.count; ++i) {
    if (!is_zero(input.gates, i)) members[sets.root(i)].push_back(i);
  }
  std::vector<uint32_t> firsts;
  std::vector<double> strengths;
  for (uint32_t i = 0; i < members.size(); ++i) {
    if (members[i].empty()) continue;
    const double strength = strength_of(input, members[i]);
    if (strength == kNothing) continue;
    firsts.push_back(i);
    strengths.push_back(strength);
  }
  std::vector<uint32_t> out;
  if (firsts.empty()) return out;
  const double floor = weakest(strengths);
  for (size_t i = 0; i < firsts.size(); ++i) {
    if (strengths[i] > floor) out.push_back(firsts[i]);
  }
  return out;
}

}  // namespace wmk::neurons
