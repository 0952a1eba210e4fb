#include "lineage/soft_panel.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "base/text.h"
#include "lineage/token_table.h"
#include "stats/signed_sum.h"

namespace wmk::lineage {

namespace {

using checkpoint::AttentionLayer;

constexpr uint64_t kRowsATime = 128;
constexpr uint64_t kRowsMax = 1024;  // of a matrix, evenly spread blocks

Result<double> deviation(const Side& side, const checkpoint::View& view, uint64_t rows) {
  double sum = 0, squares = 0, count = 0;
  const uint64_t blocks = (rows + kRowsATime - 1) / kRowsATime;
  const uint64_t step = (blocks * kRowsATime + kRowsMax - 1) / kRowsMax;
  for (uint64_t block = 0; block < blocks; block += step) {
    const uint64_t first = block * kRowsATime;
    auto values =
        load_vectors({&side, view, nullptr, nullptr}, first, std::min(kRowsATime, rows - first));
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

TestResult soft(std::string_view name, std::string_view statistic, double value,
                std::string_view background) {
  TestResult out;
  out.name = name;
  out.statistic = statistic;
  out.value = value;
  out.null = "none: never scored";
  out.outcome = Outcome::soft;
  out.note = background;
  return out;
}

double norm_cosine(const Pair& pair) {
  const auto &a = pair.reference.attention.layers, &b = pair.suspect.attention.layers;
  double sum = 0;
  size_t count = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (a[i].gain.empty() || a[i].gain.size() != b[i].gain.size()) continue;
    sum += cosine(a[i].gain.data(), b[i].gain.data(), a[i].gain.size());
    ++count;
  }
  return count ? sum / static_cast<double>(count) : 0;
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

Result<std::vector<TestResult>> soft_panel(const Pair& pair) {
  std::vector<TestResult> out;
  if (!pair.suspect.attention.layers.empty() && !pair.reference.attention.layers.empty()) {
    auto b = sigma_curves(pair.suspect, pair.threads);
    if (!b) return std::move(b).error();
    auto a = sigma_curves(pair.reference, pair.threads);
    if (!a) return std::move(a).error();
    out.push_back(soft(
        "T8 sigma curves", "mean correlation of the standard deviations of q, k, v, o over depth",
        curve_correlation(*b, *a),
        "unrelated models reach .91: all deep models share a trend over depth, so few "
        "points agree whoever trained them"));
    out.push_back(soft("T8 norm gains, raw", "mean cosine of attention gains", norm_cosine(pair),
                       "unrelated models reach .98-.99: gains are positive and start at 1"));
  }
  const TokenTable tokens = match_tokens(*pair.suspect.vocabulary, *pair.reference.vocabulary);
  const auto size = static_cast<double>(pair.suspect.vocabulary->strings.size());
  if (!tokens.by_number && size > 0) {
    out.push_back(soft("T8 tokenizer", "share of the suspect's tokens that the reference has",
                       static_cast<double>(tokens.rows.size()) / size,
                       "tokenizers are public and reused by unrelated models"));
  }
  return out;
}

}  // namespace wmk::lineage
