#include "stats/assignment.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "base/simd.h"

namespace wmk::stats {

namespace {

constexpr size_t kFree = std::numeric_limits<size_t>::max();

constexpr double kFar = std::numeric_limits<double>::infinity();

// A row whose edges are followed, `length` away from the start.
struct Line {
  const float* score;
  const double* column_potential;
  double row_potential, length;
  uint32_t row;
};

// Shortens the distances of columns that are not settled (closed[] is 0, otherwise infinite).
// Returns the shortest of them. Minima are exact, so that the number of lanes does not matter.
WMK_VECTORIZED double relax(const Line& line, size_t columns, const double* closed,
                            double* distance, uint32_t* before) {
  const Line from = line;
  double shortest[kLanes];
  for (double& lane : shortest) lane = kFar;
  const auto step = [&](size_t column, double& lane) {
    const double reduced = -static_cast<double>(from.score[column]) - from.row_potential -
                           from.column_potential[column];
    const double through = from.length + reduced + closed[column];
    const bool is_shorter = through < distance[column];
    const double found = is_shorter ? through : distance[column];
    distance[column] = found;
    before[column] = is_shorter ? from.row : before[column];
    const double open = found + closed[column];
    lane = open < lane ? open : lane;
  };
  size_t column = 0;
  for (; column + kLanes <= columns; column += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) step(column + k, shortest[k]);
  }
  for (; column < columns; ++column) step(column, shortest[0]);
  return *std::min_element(shortest, shortest + kLanes);
}

// The first column that is not settled and this far.
size_t place_of(double shortest, const double* closed, const double* distance, size_t columns) {
  size_t column = 0;
  while (column + 1 < columns && !(distance[column] + closed[column] == shortest)) ++column;
  return column;
}

// Costs are -score; the potentials keep every reduced cost non-negative.
struct Assignment {
  std::span<const float> score;
  size_t rows, columns;
  std::vector<double> row_potential, column_potential;
  std::vector<size_t> row_of;     // by column
  std::vector<size_t> column_of;  // by row
  // Of the search for one row, by column.
  std::vector<double> distance, closed;
  std::vector<uint32_t> before;  // row from which the column was reached

  // Rows whose best column is still free need no search.
  void begin() {
    for (size_t row = 0; row < rows; ++row) {
      const float* line = &score[row * columns];
      const auto best = static_cast<size_t>(std::max_element(line, line + columns) - line);
      row_potential[row] = -static_cast<double>(line[best]);
      if (row_of[best] != kFree) continue;
      row_of[best] = row;
      column_of[row] = best;
    }
  }

  void augment(size_t start) {
    std::fill(distance.begin(), distance.end(), kFar);
    std::fill(closed.begin(), closed.end(), 0.0);
    size_t row = start, end = kFree;
    double length = 0;
    std::vector<size_t> path;  // settled columns
    while (end == kFree) {
      const Line line{&score[row * columns], column_potential.data(), row_potential[row], length,
                      static_cast<uint32_t>(row)};
      const double shortest = relax(line, columns, closed.data(), distance.data(), before.data());
      const size_t nearest = place_of(shortest, closed.data(), distance.data(), columns);
      length = shortest;
      closed[nearest] = kFar;
      path.push_back(nearest);
      if (row_of[nearest] == kFree) {
        end = nearest;
      } else {
        row = row_of[nearest];
      }
    }
    row_potential[start] += length;
    for (const size_t column : path) {
      if (column == end) continue;
      row_potential[row_of[column]] += length - distance[column];
      column_potential[column] -= length - distance[column];
    }
    for (size_t column = end; column != kFree;) {
      const size_t taken = before[column];
      row_of[column] = taken;
      std::swap(column_of[taken], column);
    }
  }
};

}  // namespace

std::vector<size_t> assign(std::span<const float> score, size_t rows, size_t columns) {
  Assignment work{score,
                  rows,
                  columns,
                  std::vector<double>(rows),
                  std::vector<double>(columns),
                  std::vector<size_t>(columns, kFree),
                  std::vector<size_t>(rows, kFree),
                  std::vector<double>(columns),
                  std::vector<double>(columns),
                  std::vector<uint32_t>(columns)};
  work.begin();
  for (size_t row = 0; row < rows; ++row) {
    if (work.column_of[row] == kFree) work.augment(row);
  }
  return work.column_of;
}

}  // namespace wmk::stats
