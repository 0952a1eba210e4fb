#include "neurons/rows/merge_gates.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/parallel.h"
#include "neurons/careful/gate_signs.h"
#include "neurons/careful/same_gate.h"
#include "neurons/rows/fixed_signs.h"
#include "neurons/rows/gate_rows.h"
#include "stats/gemm.h"

namespace wmk::neurons {

using stats::Op;

namespace {

constexpr size_t kGatesAtOnce = 512;  // gates of one product
constexpr double kNothing = -std::numeric_limits<double>::infinity();

// Coordinates (count x neurons) of the gates of one FFN, `rows` of them from `first`: projections
// on fixed random signs, or their entries if these are not more.
struct Coordinates {
  size_t count = 0;
  std::vector<float> values;
};

Coordinates coordinates_of(const Rows& gates, size_t first, size_t rows, unsigned threads) {
  const size_t width = gates.width, count = std::min(width, GateSigns::kBitsMax);
  Coordinates out{count, std::vector<float>(count * rows)};
  std::vector<float> directions(count * width);
  if (count < width) {
    directions = fixed_signs(count * width, "gates");
  } else {
    for (size_t c = 0; c < count; ++c) directions[c * width + c] = 1;
  }
  (void)parallel_for(
      (rows + kGatesAtOnce - 1) / kGatesAtOnce, threads, [&](size_t i, unsigned) -> Status {
        const size_t start = i * kGatesAtOnce, some = std::min(kGatesAtOnce, rows - start);
        stats::gemm(Op::plain, Op::transposed, count, some, width, directions.data(), width,
                    gates.row(first + start), width, 0.0f, &out.values[start], rows);
        return {};
      });
  return out;
}

// Two or more neurons of one FFN each, numbered from `first`.
Clusters clusters_of(const Rows& gates, size_t first, size_t rows, unsigned threads) {
  const Coordinates coordinates = coordinates_of(gates, first, rows, threads);
  GateSigns signs(coordinates.count);
  signs.append(coordinates.values, rows);
  std::vector<uint8_t> present(rows);
  for (size_t i = 0; i < rows; ++i) present[i] = is_zero(gates, first + i) ? 0 : 1;
  const auto at = [&](size_t c, uint32_t unit) { return coordinates.values[c * rows + unit]; };
  return same_gate({coordinates.count, at}, likely_pairs(signs, present));
}

// All neurons that are not zero, those with one gate together; sets by their first.
Clusters all_sets(const MergeInput& input, unsigned threads) {
  const size_t n = input.gates.count;
  std::vector<size_t> starts;  // of FFNs
  for (size_t i = 0; i < n; ++i) {
    if (i == 0 || input.ffn[i] != input.ffn[i - 1]) starts.push_back(i);
  }
  starts.push_back(n);
  std::vector<Clusters> by_ffn(starts.size() - 1);
  const unsigned inner = by_ffn.size() < threads ? threads : 1;
  (void)parallel_for(by_ffn.size(), threads, [&](size_t f, unsigned) -> Status {
    by_ffn[f] = clusters_of(input.gates, starts[f], starts[f + 1] - starts[f], inner);
    return {};
  });
  Clusters members(n);
  for (uint32_t i = 0; i < n; ++i) {
    if (!is_zero(input.gates, i)) members[i] = {i};
  }
  for (size_t f = 0; f < by_ffn.size(); ++f) {
    for (const auto& cluster : by_ffn[f]) {
      const auto number = [&](uint32_t unit) { return static_cast<uint32_t>(starts[f] + unit); };
      for (size_t i = 1; i < cluster.size(); ++i) {
        members[number(cluster[0])].push_back(number(cluster[i]));
        members[number(cluster[i])].clear();
      }
    }
  }
  return members;
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
  const float* const row = rows.row(i);
  return std::all_of(row, row + rows.width, [](float x) { return x == 0; });
}

std::vector<uint32_t> strong_neurons(const MergeInput& input, unsigned threads) {
  const Clusters members = all_sets(input, threads);
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
