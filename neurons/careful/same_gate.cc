#include "neurons/careful/same_gate.h"

#include <algorithm>
#include <unordered_map>

namespace wmk::neurons {

namespace {

double dot(const double* a, const double* b, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

Result<Clusters> same_gate(const VectorSource& gate, std::span<const RowScale> scales,
                           const std::vector<UnitPair>& pairs) {
  if (pairs.empty()) return Clusters{};
  std::vector<uint32_t> units;
  for (const UnitPair& pair : pairs) units.insert(units.end(), {pair.first, pair.second});
  std::sort(units.begin(), units.end());
  units.erase(std::unique(units.begin(), units.end()), units.end());
  std::unordered_map<uint32_t, uint32_t> member;
  for (uint32_t i = 0; i < units.size(); ++i) member[units[i]] = i;

  const MemberRows rows(gate, units, scales);
  std::vector<double> cosine(pairs.size());
  Status status = rows.for_each_slice([&](const MemberRows::Slice& slice) {
    for (size_t i = 0; i < pairs.size(); ++i) {
      cosine[i] +=
          dot(slice.row(member[pairs[i].first]), slice.row(member[pairs[i].second]), slice.columns);
    }
  });
  if (!status) return std::move(status).error();

  Components joined(units.size());
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (cosine[i] > kSameGate) joined.join(member[pairs[i].first], member[pairs[i].second]);
  }
  std::vector<std::vector<uint32_t>> by_root(units.size());
  for (uint32_t i = 0; i < units.size(); ++i) by_root[joined.root(i)].push_back(units[i]);
  Clusters clusters;
  for (auto& members : by_root) {
    if (members.size() > 1) clusters.push_back(std::move(members));
  }
  return clusters;
}

}  // namespace wmk::neurons
