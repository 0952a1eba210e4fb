#include "lineage/model/basis.h"

#include <algorithm>

#include "stats/vectors.h"

namespace wmk::lineage {

namespace {
// Share of coordinates in place; by chance 1 / width, or the root of that for a rotation.
constexpr double kPlacesKept = 0.1;
}  // namespace

Basis Basis::rotation(size_t from, size_t to, std::vector<float> matrix, BasisKind kind) {
  Basis out{kind, from, to, {}, {}, std::move(matrix)};
  out.columns = std::make_shared<stats::RowProducts>(
      stats::RowProducts::from_columns(out.matrix, to, from, 1));
  return out;
}

bool Basis::keeps_places() const {
  if (kind == BasisKind::identity) return true;
  double kept = 0;
  for (size_t i = 0; i < std::min(from, to); ++i) {
    kept += has_matrix()                          ? static_cast<double>(matrix[i * to + i])
            : place[i] == static_cast<int64_t>(i) ? static_cast<double>(sign[i])
                                                  : 0;
  }
  return kept > kPlacesKept * static_cast<double>(std::min(from, to));
}

Basis Basis::restricted(std::span<const size_t> coordinates) const {
  if (has_matrix()) {
    std::vector<float> some;
    for (size_t i = 0; i < from; ++i) {
      for (const size_t j : coordinates) some.push_back(matrix[i * to + j]);
    }
    return rotation(from, coordinates.size(), std::move(some), kind);
  }
  Basis out{BasisKind::signed_permutation, from, coordinates.size(), {}, {}, {}};
  std::vector<int64_t> new_place(to, -1);
  for (size_t j = 0; j < coordinates.size(); ++j) {
    new_place[coordinates[j]] = static_cast<int64_t>(j);
  }
  out.sign.assign(from, 1.0f);
  for (size_t i = 0; i < from; ++i) {
    const int64_t at = kind == BasisKind::identity ? static_cast<int64_t>(i) : place[i];
    out.place.push_back(at < 0 ? -1 : new_place[static_cast<size_t>(at)]);
    if (kind == BasisKind::signed_permutation) out.sign[i] = sign[i];
  }
  return out;
}

Basis::Moved Basis::moved_coordinates() const {
  std::vector<int64_t> source(to, -1);
  for (size_t i = 0; i < from; ++i) {
    if (place[i] >= 0) source[static_cast<size_t>(place[i])] = static_cast<int64_t>(i);
  }
  Moved out;
  for (size_t j = 0; j < to; ++j) {
    if (source[j] < 0) continue;
    const auto i = static_cast<size_t>(source[j]);
    out.from.push_back(static_cast<uint32_t>(i));
    out.to.push_back(static_cast<uint32_t>(j));
    out.sign.push_back(sign[i]);
  }
  return out;
}

void Basis::apply(std::span<const float> rows, size_t count, std::span<float> out) const {
  if (kind == BasisKind::identity) {
    std::copy(rows.begin(), rows.end(), out.begin());
    return;
  }
  if (has_matrix()) {
    std::vector<float> turned;
    columns->of(rows, count, 1, turned);
    for (size_t i = 0; i < count; ++i) {
      std::copy_n(&turned[i * columns->stride()], to, &out[i * to]);
    }
    return;
  }
  const Moved moved = moved_coordinates();
  const bool is_whole = moved.to.size() == to;
  if (!is_whole) std::fill(out.begin(), out.end(), 0.0f);
  for (size_t row = 0; row < count; ++row) {
    const float* values = &rows[row * from];
    float* line = &out[row * to];
    if (is_whole) {
      stats::gather(values, moved.from.data(), to, line);
      stats::multiply(moved.sign.data(), to, line);
    } else {
      for (size_t k = 0; k < moved.to.size(); ++k) {
        line[moved.to[k]] = moved.sign[k] * values[moved.from[k]];
      }
    }
  }
}

}  // namespace wmk::lineage
