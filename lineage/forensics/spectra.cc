#include "lineage/forensics/spectra.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "lineage/model/sampling.h"
#include "stats/signed_sum.h"
#include "stats/spectral.h"

namespace wmk::lineage {

namespace {

constexpr uint64_t kSpectrumRows = 96;

struct SpectrumSource {
  const Side* side = nullptr;
  const checkpoint::View* view = nullptr;
  uint64_t rows = 0;  // in all
};

// Of `count` rows, evenly spread; empty if a value is not finite.
Result<std::vector<double>> spectrum(const SpectrumSource& matrix, uint64_t count) {
  const size_t width = matrix.side->width();
  std::vector<double> values;
  for (uint64_t r = 0; r < count; ++r) {
    auto row =
        load_vectors({matrix.side, *matrix.view, nullptr, nullptr}, r * matrix.rows / count, 1);
    if (!row) return std::move(row).error();
    values.insert(values.end(), row->begin(), row->end());
  }
  const bool finite = std::all_of(values.begin(), values.end(),
                                  [](double v) { return std::isfinite(v) && std::abs(v) < 1e150; });
  if (!finite) return std::vector<double>();
  return stats::singular_values(values, count, width);
}

struct SpectrumPair {
  SpectrumSource suspect, reference;
};

std::vector<SpectrumPair> matrices_of(const ModelPair& pair) {
  const auto &b = pair.suspect.attention, &a = pair.reference.attention;
  const size_t count = std::min({a.layers.size(), b.layers.size(), kSampledLayers});
  const auto places_b = evenly(b.layers.size(), count), places_a = evenly(a.layers.size(), count);
  std::vector<SpectrumPair> out;
  for (size_t i = 0; i < count; ++i) {
    const auto &of_b = b.layers[places_b[i]], &of_a = a.layers[places_a[i]];
    out.push_back({{&pair.suspect, &of_b.q, b.heads * b.head_size},
                   {&pair.reference, &of_a.q, a.heads * a.head_size}});
    out.push_back({{&pair.suspect, &of_b.v, b.kv_heads * b.head_size},
                   {&pair.reference, &of_a.v, a.kv_heads * a.head_size}});
  }
  return out;
}

}  // namespace

Result<SpectraAgreement> spectra_agreement(const ModelPair& pair) {
  const auto matrices = matrices_of(pair);
  std::vector<std::optional<double>> found(matrices.size());
  auto status = parallel_for(matrices.size(), pair.threads, [&](size_t i, unsigned) -> Status {
    const auto& [b, a] = matrices[i];
    const uint64_t widths = std::min<uint64_t>(b.side->width(), a.side->width());
    const uint64_t count = std::min({kSpectrumRows, b.rows, a.rows, widths});
    if (count < 2) return {};
    auto of_b = spectrum(b, count);
    if (!of_b) return std::move(of_b).error();
    auto of_a = spectrum(a, count);
    if (!of_a) return std::move(of_a).error();
    if (!of_b->empty() && !of_a->empty()) found[i] = stats::correlation(*of_b, *of_a);
    return {};
  });
  if (!status) return std::move(status).error();
  SpectraAgreement out;
  for (const auto& value : found) {
    if (!value) continue;
    out.correlation += *value;
    ++out.matrices;
  }
  if (out.matrices > 0) out.correlation /= static_cast<double>(out.matrices);
  return out;
}

}  // namespace wmk::lineage
