#include "lineage/forensics/sigma_curves.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "lineage/model/layer_matrices.h"
#include "lineage/model/vector_source.h"
#include "stats/signed_sum.h"

namespace wmk::lineage {

namespace {

using checkpoint::AttentionLayer;

// Of a matrix, rows in evenly spread blocks.
struct RowSample {
  uint64_t at_once = 128, most = 1024;
};
constexpr RowSample kOfNetwork{16, 256};

// Of rows as stored, where they are: columns would take the whole matrix.
Result<double> deviation(const Side& side, const checkpoint::View& view, uint64_t units) {
  const StoredRows matrix =
      stored_rows(view, units, side.width()).value_or(StoredRows{view, units, side.width()});
  const RowSample sample = is_behind_network(side) ? kOfNetwork : RowSample();
  double sum = 0, squares = 0, count = 0;
  const uint64_t blocks = (matrix.rows + sample.at_once - 1) / sample.at_once;
  const uint64_t step = (blocks * sample.at_once + sample.most - 1) / sample.most;
  for (uint64_t block = 0; block < blocks; block += step) {
    const uint64_t first = block * sample.at_once;
    auto values =
        matrix.read(*side.checkpoint, first, std::min(sample.at_once, matrix.rows - first));
    if (!values) return std::move(values).error();
    for (const float value : *values) {
      sum += value;
      squares += static_cast<double>(value) * value;
    }
    count += static_cast<double>(values->size());
  }
  return std::sqrt(std::max(0.0, squares / count - sum / count * sum / count));
}

std::vector<double> resampled(const std::vector<double>& curve, size_t count) {
  std::vector<double> out(count);
  for (size_t i = 0; i < count; ++i) {
    const double at = count > 1 ? static_cast<double>(i) * static_cast<double>(curve.size() - 1) /
                                      static_cast<double>(count - 1)
                                : 0;
    const auto low = std::min(static_cast<size_t>(at), curve.size() - 1);
    const size_t high = std::min(low + 1, curve.size() - 1);
    out[i] = curve[low] + (at - static_cast<double>(low)) * (curve[high] - curve[low]);
  }
  return out;
}

}  // namespace

Result<SigmaCurves> sigma_curves(const Side& side, unsigned threads) {
  const auto& form = side.attention;
  const uint64_t queries = form.heads * form.head_size, keys = form.kv_heads * form.head_size;
  SigmaCurves out;
  for (auto& curve : out.of) curve.resize(form.layers.size());
  auto status = parallel_for(form.layers.size(), threads, [&](size_t i, unsigned) -> Status {
    const AttentionLayer& layer = form.layers[i];
    const std::pair<const checkpoint::View*, uint64_t> parts[] = {
        {&layer.q, queries}, {&layer.k, keys}, {&layer.v, keys}, {&layer.o, queries}};
    for (size_t part = 0; part < 4; ++part) {
      auto found = deviation(side, *parts[part].first, parts[part].second);
      if (!found) return std::move(found).error();
      out.of[part][i] = *found;
    }
    return {};
  });
  if (!status) return std::move(status).error();
  return out;
}

double curve_correlation(const SigmaCurves& a, const SigmaCurves& b) {
  double sum = 0;
  for (size_t part = 0; part < 4; ++part) {
    if (a.of[part].empty() || b.of[part].empty()) return 0;
    const size_t count = std::max(a.of[part].size(), b.of[part].size());
    sum += stats::correlation(resampled(a.of[part], count), resampled(b.of[part], count)) / 4;
  }
  return sum;
}

}  // namespace wmk::lineage
