#include "lineage/hubs.h"

#include <algorithm>
#include <cmath>

#include "lineage/pair.h"
#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

constexpr size_t kDirections = 4;
constexpr size_t kWidthOfADirection = 16;  // small models: no more than one in sixteen
constexpr int kIterations = 20;
constexpr double kDeadNorm = 1e-20;

void normalise(std::span<float> row) {
  const double norm = std::sqrt(stats::sum_of_squares(row.data(), row.size()));
  if (!(norm > kDeadNorm) || !std::isfinite(norm)) {
    std::fill(row.begin(), row.end(), 0.0f);
    return;
  }
  stats::scale(static_cast<float>(1 / norm), row.size(), row.data());
}

void take_out(const float* direction, std::span<float> row) {
  const auto share = static_cast<float>(stats::dot(direction, row.data(), row.size()));
  for (size_t j = 0; j < row.size(); ++j) row[j] -= share * direction[j];
}

// Gram and Schmidt; twice is enough.
void orthonormalise(std::span<float> rows, size_t width) {
  for (size_t i = 0; i < rows.size(); i += width) {
    const auto row = rows.subspan(i, width);
    for (int pass = 0; pass < 2; ++pass) {
      for (size_t k = 0; k < i; k += width) take_out(&rows[k], row);
      normalise(row);
    }
  }
}

}  // namespace

Hubs Hubs::find(std::span<const float> rows, size_t width, bool centred) {
  Hubs out;
  out.width = width;
  const size_t count = rows.size() / width;
  std::vector<float> sample(rows.begin(), rows.end());
  for (size_t i = 0; i < count; ++i) normalise(std::span(sample).subspan(i * width, width));
  if (centred && count > 0) {
    std::vector<double> sum(width);
    for (size_t i = 0; i < sample.size(); ++i) sum[i % width] += sample[i];
    for (const double s : sum)
      out.mean.push_back(static_cast<float>(s / static_cast<double>(count)));
    for (size_t i = 0; i < sample.size(); ++i) sample[i] -= out.mean[i % width];
  }
  const size_t r = std::min({kDirections, width / kWidthOfADirection, count});
  if (r == 0) return out;
  out.directions.resize(r * width);
  auto random = random_for(0, "hubs");
  for (float& value : out.directions) {
    value = static_cast<float>(static_cast<double>(random() >> 11) * 0x1p-53 - 0.5);
  }
  orthonormalise(out.directions, width);
  std::vector<float> shares(count * r);
  for (int step = 0; step < kIterations; ++step) {
    stats::gemm(stats::Op::plain, stats::Op::transposed, count, r, width, sample.data(), width,
                out.directions.data(), width, 0.0f, shares.data(), r);
    stats::gemm(stats::Op::transposed, stats::Op::plain, r, width, count, shares.data(), r,
                sample.data(), width, 0.0f, out.directions.data(), width);
    orthonormalise(out.directions, width);
  }
  return out;
}

void Hubs::remove(std::span<float> rows) const {
  for (size_t i = 0; i < rows.size(); i += width) {
    const auto row = rows.subspan(i, width);
    normalise(row);
    if (row[0] == 0 && stats::sum_of_squares(row.data(), width) == 0) continue;
    for (size_t j = 0; j < mean.size(); ++j) row[j] -= mean[j];
    for (size_t k = 0; k < directions.size(); k += width) take_out(&directions[k], row);
    normalise(row);
  }
}

}  // namespace wmk::lineage
