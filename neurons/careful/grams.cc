#include "neurons/careful/grams.h"

#include "stats/gemm.h"

namespace wmk::neurons {

namespace {

constexpr size_t kSmall = 256;  // members of a cluster whose products are kept

}  // namespace

Grams::Grams(const Clusters& clusters, const MemberRows& rows)
    : clusters_(clusters), rows_(rows), small_(clusters.size()) {
  size_t first = 0;
  for (const auto& cluster : clusters) {
    first_.push_back(first);
    first += cluster.size();
  }
}

bool Grams::is_small(const std::vector<uint32_t>& cluster) { return cluster.size() <= kSmall; }

Status Grams::read_small() {
  using stats::Op;
  for (size_t c = 0; c < clusters_.size(); ++c) {
    const size_t k = clusters_[c].size();
    if (is_small(clusters_[c])) small_[c].assign(k * k, 0.0);
  }
  return rows_.for_each_slice([&](const MemberRows::Slice& slice) {
    for (size_t c = 0; c < clusters_.size(); ++c) {
      if (!is_small(clusters_[c])) continue;
      const size_t k = clusters_[c].size();
      const double* rows = slice.row(first_[c]);
      stats::gemm(Op::plain, Op::transposed, k, k, slice.columns, rows, slice.columns, rows,
                  slice.columns, 1.0, small_[c].data(), k);
    }
  });
}

std::vector<double> Grams::product(size_t cluster, const std::vector<double>& x) const {
  std::vector<double> out(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const double* row = &small_[cluster][i * x.size()];
    for (size_t j = 0; j < x.size(); ++j) out[i] += row[j] * x[j];
  }
  return out;
}

// The columns of a slice add R_s (R_s^T x) to the product.
void Grams::add_products(const MemberRows::Slice& slice, size_t cluster,
                         const std::vector<double>& x, std::vector<double>& out) const {
  std::vector<double> sum(slice.columns);
  for (size_t i = 0; i < x.size(); ++i) {
    const double* row = slice.row(first_[cluster] + i);
    for (size_t j = 0; j < slice.columns; ++j) sum[j] += x[i] * row[j];
  }
  for (size_t i = 0; i < x.size(); ++i) {
    const double* row = slice.row(first_[cluster] + i);
    for (size_t j = 0; j < slice.columns; ++j) out[i] += row[j] * sum[j];
  }
}

Result<Grams::Vectors> Grams::products_reading(const Vectors& x) const {
  Vectors out(x.size());
  for (size_t c = 0; c < x.size(); ++c) out[c].assign(x[c].size(), 0.0);
  Status status = rows_.for_each_slice([&](const MemberRows::Slice& slice) {
    for (size_t c = 0; c < x.size(); ++c) {
      if (!is_small(clusters_[c])) add_products(slice, c, x[c], out[c]);
    }
  });
  if (!status) return std::move(status).error();
  return out;
}

}  // namespace wmk::neurons
