#include "stats/assignment.h"

#include <algorithm>
#include <limits>

namespace wmk::stats {

namespace {

constexpr size_t kFree = std::numeric_limits<size_t>::max();

// Costs are -score; the potentials keep every reduced cost non-negative.
struct Assignment {
  std::span<const float> score;
  size_t rows, columns;
  std::vector<double> row_potential, column_potential;
  std::vector<size_t> row_of;     // by column
  std::vector<size_t> column_of;  // by row

  double reduced(size_t row, size_t column) const {
    return -static_cast<double>(score[row * columns + column]) - row_potential[row] -
           column_potential[column];
  }

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
    std::vector<double> distance(columns, std::numeric_limits<double>::infinity());
    std::vector<size_t> before(columns, kFree);  // row from which the column was reached
    std::vector<char> settled(columns, 0);
    size_t row = start, end = kFree;
    double length = 0;
    std::vector<size_t> path;  // settled columns
    while (end == kFree) {
      size_t nearest = kFree;
      double shortest = std::numeric_limits<double>::infinity();
      for (size_t column = 0; column < columns; ++column) {
        if (settled[column]) continue;
        const double through = length + reduced(row, column);
        if (through < distance[column]) {
          distance[column] = through;
          before[column] = row;
        }
        if (distance[column] < shortest) {
          shortest = distance[column];
          nearest = column;
        }
      }
      length = shortest;
      settled[nearest] = 1;
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
                  std::vector<size_t>(rows, kFree)};
  work.begin();
  for (size_t row = 0; row < rows; ++row) {
    if (work.column_of[row] == kFree) work.augment(row);
  }
  return work.column_of;
}

}  // namespace wmk::stats
