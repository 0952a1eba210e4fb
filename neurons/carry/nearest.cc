#include "neurons/carry/nearest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/parallel.h"
#include "base/simd.h"
#include "base/transpose.h"

namespace wmk::neurons {

namespace {

constexpr size_t kRowsAtOnce = 256;
// Stored rows have an error of 2^-9 as well.
constexpr auto kPrecision = stats::TilePrecision::one_term;
constexpr float kFar = -std::numeric_limits<float>::infinity();

struct Best {
  float first = kFar, second = kFar;
  uint32_t at = 0;
};

// The best values of each column, and in which row: structure of arrays.
struct ColumnBest {
  explicit ColumnBest(size_t columns) : first(columns, kFar), at(columns) {}
  std::vector<float> first;
  std::vector<uint32_t> at;
};

// Offers the values of one row. Of equal values that of the first row counts.
WMK_VECTORIZED void offer(const float* values, uint32_t row, size_t count, float* first,
                          uint32_t* at) {
  for (size_t j = 0; j < count; ++j) {
    const bool is_better = values[j] > first[j] || (values[j] == first[j] && row < at[j]);
    first[j] = is_better ? values[j] : first[j];
    at[j] = is_better ? row : at[j];
  }
}

// Lane by lane, `count` being a multiple of kLanes.
WMK_VECTORIZED void two_largest(const float* values, size_t count, float* first, float* second) {
  for (size_t j = 0; j < count; j += kLanes) {
    for (size_t l = 0; l < kLanes; ++l) {
      const float value = values[j + l], less = value < first[l] ? value : first[l];
      first[l] = value > first[l] ? value : first[l];
      second[l] = less > second[l] ? less : second[l];
    }
  }
}

Best best_of(const float* values, size_t count) {
  float first[kLanes], second[kLanes];
  std::fill_n(first, kLanes, kFar);
  std::fill_n(second, kLanes, kFar);
  const size_t whole = count / kLanes * kLanes;
  two_largest(values, whole, first, second);
  Best out;
  const auto offer_one = [&out](float value) {
    out.second = std::max(out.second, std::min(out.first, value));
    out.first = std::max(out.first, value);
  };
  for (size_t l = 0; l < kLanes; ++l) {
    offer_one(first[l]);
    out.second = std::max(out.second, second[l]);
  }
  std::for_each(values + whole, values + count, offer_one);
  const float* const found = std::find(values, values + count, out.first);
  out.at = found == values + count ? 0 : static_cast<uint32_t>(found - values);
  return out;
}

// The closeness of rows [first, first + count) of the suspect to all rows of the release.
using Closeness = std::function<void(size_t first, size_t count, Rows& out)>;

struct Table {
  std::vector<Best> rows;
  std::vector<uint32_t> columns;  // the best row of each
};

Table find_best(size_t n, size_t m, unsigned threads, const Closeness& closeness) {
  Table out{std::vector<Best>(n), {}};
  std::vector<ColumnBest> by_worker(threads, ColumnBest(m));
  std::vector<Rows> buffers(threads);
  (void)parallel_for(
      (n + kRowsAtOnce - 1) / kRowsAtOnce, threads, [&](size_t b, unsigned worker) -> Status {
        const size_t first = b * kRowsAtOnce, count = std::min(kRowsAtOnce, n - first);
        Rows& values = buffers[worker];
        closeness(first, count, values);
        ColumnBest& columns = by_worker[worker];
        for (size_t i = 0; i < count; ++i) {
          const auto row = static_cast<uint32_t>(first + i);
          out.rows[row] = best_of(values.row(i), m);
          offer(values.row(i), row, m, columns.first.data(), columns.at.data());
        }
        return {};
      });
  ColumnBest& all = by_worker.front();
  for (size_t w = 1; w < by_worker.size(); ++w) {
    const ColumnBest& other = by_worker[w];
    for (size_t j = 0; j < m; ++j)
      offer(&other.first[j], other.at[j], 1, &all.first[j], &all.at[j]);
  }
  out.columns = std::move(all.at);
  return out;
}

// values[j] += (x - column[j])^2.
WMK_VECTORIZED void add_squares(float x, const float* column, size_t count, float* values) {
  for (size_t j = 0; j < count; ++j) values[j] += (x - column[j]) * (x - column[j]);
}

WMK_VECTORIZED void negate(size_t count, float* values) {
  for (size_t j = 0; j < count; ++j) values[j] = -values[j];
}

Table best_cosines(const TurnedRows& suspect, Rows release, unsigned threads) {
  const size_t from = suspect.rows.width, to = release.width, rows = release.count;
  const Products closeness(release, kPrecision, threads);
  release = Rows();
  const Products turning({to, from, transposed(suspect.o, from, to)}, kPrecision, threads);
  return find_best(suspect.rows.count, rows, threads, [&](size_t first, size_t count, Rows& out) {
    Rows turned = turning.of(suspect.rows, first, count);
    normalise(turned);
    closeness.of(turned, 0, count, out);
  });
}

}  // namespace

std::vector<RowPair> nearest_by_distance(const Rows& suspect, const Rows& release, float ratio,
                                         unsigned threads) {
  const size_t m = release.count, width = release.width;
  const std::vector<float> columns = transposed(release.values, m, width);
  const Table table =
      find_best(suspect.count, m, threads, [&](size_t first, size_t count, Rows& out) {
        out = {count, m, std::vector<float>(count * m)};
        for (size_t i = 0; i < count; ++i) {
          for (size_t c = 0; c < width; ++c) {
            add_squares(suspect.row(first + i)[c], &columns[c * m], m, out.row(i));
          }
        }
        negate(out.values.size(), out.values.data());
      });
  std::vector<RowPair> out;
  for (uint32_t i = 0; i < suspect.count; ++i) {
    const Best& best = table.rows[i];
    if (m == 0 || table.columns[best.at] != i) continue;
    // Both are minus squared distances.
    if (-best.first < ratio * ratio * -best.second) {
      out.push_back({i, best.at, -std::sqrt(-best.first)});
    }
  }
  return out;
}

std::vector<RowPair> nearest_by_cosine(const TurnedRows& suspect, Rows release, unsigned threads) {
  const Table table = best_cosines(suspect, std::move(release), threads);
  std::vector<RowPair> out;
  for (uint32_t i = 0; i < suspect.rows.count; ++i) {
    const Best& best = table.rows[i];
    if (!table.columns.empty() && table.columns[best.at] == i) {
      out.push_back({i, best.at, best.first});
    }
  }
  return out;
}

size_t count_clear(const TurnedRows& suspect, Rows release, float ratio, unsigned threads) {
  const Table table = best_cosines(suspect, std::move(release), threads);
  // The squared distance of unit rows is 2 - 2 cosine.
  return static_cast<size_t>(std::count_if(
      table.rows.begin(), table.rows.end(),
      [ratio](const Best& best) { return 1 - best.first < ratio * ratio * (1 - best.second); }));
}

}  // namespace wmk::neurons
