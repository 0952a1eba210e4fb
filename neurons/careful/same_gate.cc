#include "neurons/careful/same_gate.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace wmk::neurons {

namespace {

double dot(const double* a, const double* b, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

// The neurons of some pairs, numbered from 0, and the products of the pairs' vectors.
class Compared {
 public:
  explicit Compared(const std::vector<UnitPair>& pairs) : pairs_(pairs), products_(pairs.size()) {
    for (const UnitPair& pair : pairs) units_.insert(units_.end(), {pair.first, pair.second});
    std::sort(units_.begin(), units_.end());
    units_.erase(std::unique(units_.begin(), units_.end()), units_.end());
    std::unordered_map<uint32_t, uint32_t> member;
    for (uint32_t i = 0; i < units_.size(); ++i) member[units_[i]] = i;
    for (const UnitPair& pair : pairs) {
      members_.push_back({member[pair.first], member[pair.second]});
    }
    squares_.resize(units_.size());
  }

  const std::vector<uint32_t>& units() const { return units_; }

  // Adds the products of some columns: units() x columns.
  void add(const double* rows, size_t columns) {
    for (size_t i = 0; i < units_.size(); ++i) {
      squares_[i] += dot(rows + i * columns, rows + i * columns, columns);
    }
    for (size_t i = 0; i < pairs_.size(); ++i) {
      const auto [a, b] = members_[i];
      products_[i] += dot(rows + a * columns, rows + b * columns, columns);
    }
  }

  Clusters joined() const {
    Components sets(units_.size());
    for (size_t i = 0; i < pairs_.size(); ++i) {
      const auto [a, b] = members_[i];
      const double lengths = std::sqrt(squares_[a]) * std::sqrt(squares_[b]);
      if (products_[i] > kSameGate * lengths) sets.join(a, b);
    }
    std::vector<std::vector<uint32_t>> by_root(units_.size());
    for (uint32_t i = 0; i < units_.size(); ++i) by_root[sets.root(i)].push_back(units_[i]);
    Clusters clusters;
    for (auto& members : by_root) {
      if (members.size() > 1) clusters.push_back(std::move(members));
    }
    return clusters;
  }

 private:
  const std::vector<UnitPair>& pairs_;
  std::vector<UnitPair> members_;
  std::vector<uint32_t> units_;
  std::vector<double> products_, squares_;
};

}  // namespace

Clusters same_gate(const GateCoordinates& coordinates, const std::vector<UnitPair>& pairs) {
  if (pairs.empty()) return {};
  Compared compared(pairs);
  const auto& units = compared.units();
  const size_t step = std::clamp<size_t>(kSliceElements / units.size(), 1, coordinates.count);
  std::vector<double> rows;
  for (size_t first = 0; first < coordinates.count; first += step) {
    const size_t columns = std::min(step, coordinates.count - first);
    rows.resize(units.size() * columns);
    for (size_t c = 0; c < columns; ++c) {
      for (size_t i = 0; i < units.size(); ++i) {
        rows[i * columns + c] = coordinates.at(first + c, units[i]);
      }
    }
    compared.add(rows.data(), columns);
  }
  return compared.joined();
}

Result<Clusters> same_gate(const VectorSource& gate, std::span<const RowScale> scales,
                           const std::vector<UnitPair>& pairs) {
  if (pairs.empty()) return Clusters{};
  Compared compared(pairs);
  const MemberRows rows(gate, compared.units(), scales);
  Status status = rows.for_each_slice(
      [&](const MemberRows::Slice& slice) { compared.add(slice.rows.data(), slice.columns); });
  if (!status) return std::move(status).error();
  return compared.joined();
}

}  // namespace wmk::neurons
