#include "neurons/carry/nearest.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/parallel.h"
#include "base/simd.h"
#include "base/transpose.h"
#include "stats/gemm.h"

namespace wmk::neurons {

namespace {

constexpr size_t kRowsAtOnce = 256;
constexpr float kFar = -std::numeric_limits<float>::infinity();

struct Best {
  float first = kFar, second = kFar;
  uint32_t at = 0;
};

void offer(float closeness, uint32_t at, Best& best) {
  if (closeness > best.first || (closeness == best.first && at < best.at)) {
    best.second = best.first;
    best.first = closeness;
    best.at = at;
  } else {
    best.second = std::max(best.second, closeness);
  }
}

// Computes the closeness of rows [first, first + count) of the suspect to all rows of the release.
using Closeness = std::function<void(size_t first, size_t count, std::vector<float>& out)>;

struct Table {
  std::vector<Best> rows, columns;
};

Table find_best(size_t n, size_t m, unsigned threads, const Closeness& closeness) {
  Table out{std::vector<Best>(n), std::vector<Best>(m)};
  std::vector<std::vector<Best>> by_worker(threads, std::vector<Best>(m));
  std::vector<std::vector<float>> buffers(threads);
  (void)parallel_for(
      (n + kRowsAtOnce - 1) / kRowsAtOnce, threads, [&](size_t b, unsigned worker) -> Status {
        const size_t first = b * kRowsAtOnce, count = std::min(kRowsAtOnce, n - first);
        std::vector<float>& values = buffers[worker];
        values.resize(count * m);
        closeness(first, count, values);
        for (size_t i = 0; i < count; ++i) {
          const auto row = static_cast<uint32_t>(first + i);
          for (size_t j = 0; j < m; ++j) {
            offer(values[i * m + j], static_cast<uint32_t>(j), out.rows[row]);
            offer(values[i * m + j], row, by_worker[worker][j]);
          }
        }
        return {};
      });
  for (const auto& part : by_worker) {
    for (size_t j = 0; j < m; ++j) offer(part[j].first, part[j].at, out.columns[j]);
  }
  return out;
}

// values[j] += (x - column[j])^2.
WMK_VECTORIZED void add_squares(float x, const float* column, size_t count, float* values) {
  for (size_t j = 0; j < count; ++j) values[j] += (x - column[j]) * (x - column[j]);
}

WMK_VECTORIZED void negate(size_t count, float* values) {
  for (size_t j = 0; j < count; ++j) values[j] = -values[j];
}

Table best_cosines(const TurnedRows& suspect, const Rows& release, unsigned threads) {
  using stats::Op;
  const size_t from = suspect.rows.width, to = release.width, m = release.count;
  return find_best(suspect.rows.count, m, threads,
                   [&](size_t first, size_t count, std::vector<float>& out) {
                     Rows turned{count, to, std::vector<float>(count * to)};
                     stats::gemm(Op::plain, Op::plain, count, to, from, suspect.rows.row(first),
                                 from, suspect.o.data(), to, 0.0f, turned.values.data(), to);
                     normalise(turned);
                     stats::gemm(Op::plain, Op::transposed, count, m, to, turned.values.data(), to,
                                 release.values.data(), to, 0.0f, out.data(), m);
                   });
}

}  // namespace

std::vector<RowPair> nearest_by_distance(const Rows& suspect, const Rows& release, float ratio,
                                         unsigned threads) {
  const size_t m = release.count, width = release.width;
  const std::vector<float> columns = transposed(release.values, m, width);
  const Table table = find_best(
      suspect.count, m, threads, [&](size_t first, size_t count, std::vector<float>& out) {
        std::fill(out.begin(), out.end(), 0.0f);
        for (size_t i = 0; i < count; ++i) {
          for (size_t c = 0; c < width; ++c) {
            add_squares(suspect.row(first + i)[c], &columns[c * m], m, &out[i * m]);
          }
        }
        negate(out.size(), out.data());
      });
  std::vector<RowPair> out;
  for (uint32_t i = 0; i < suspect.count; ++i) {
    const Best& best = table.rows[i];
    if (m == 0 || table.columns[best.at].at != i) continue;
    // Both are minus squared distances.
    if (-best.first < ratio * ratio * -best.second) {
      out.push_back({i, best.at, -std::sqrt(-best.first)});
    }
  }
  return out;
}

std::vector<RowPair> nearest_by_cosine(const TurnedRows& suspect, const Rows& release,
                                       unsigned threads) {
  const Table table = best_cosines(suspect, release, threads);
  std::vector<RowPair> out;
  for (uint32_t i = 0; i < suspect.rows.count; ++i) {
    const Best& best = table.rows[i];
    if (release.count > 0 && table.columns[best.at].at == i) {
      out.push_back({i, best.at, best.first});
    }
  }
  return out;
}

size_t count_clear(const TurnedRows& suspect, const Rows& release, float ratio, unsigned threads) {
  const Table table = best_cosines(suspect, release, threads);
  // The squared distance of unit rows is 2 - 2 cosine.
  return static_cast<size_t>(std::count_if(
      table.rows.begin(), table.rows.end(),
      [ratio](const Best& best) { return 1 - best.first < ratio * ratio * (1 - best.second); }));
}

}  // namespace wmk::neurons
