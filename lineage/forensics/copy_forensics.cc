#include "lineage/forensics/copy_forensics.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "base/text.h"
#include "lineage/model/layer_matrices.h"
#include "lineage/model/sampling.h"
#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

constexpr uint64_t kForensicRows = 64;  // of a matrix
constexpr double kPrunedMin = 0.1;
constexpr size_t kPrunedBlock = 128;

struct MatrixPair {
  checkpoint::View suspect, reference;
  uint64_t rows = 0;
};

// The matrices of equal size in two corresponding layers.
std::vector<MatrixPair> matrix_pairs(const ModelPair& pair, const LayerPair& layers) {
  std::vector<MatrixPair> out;
  const bool same_heads = pair.suspect.attention.head_size == pair.reference.attention.head_size;
  const auto of_a = matrices_of_layer(pair.reference, layers.reference);
  for (const auto& b : matrices_of_layer(pair.suspect, layers.suspect)) {
    if (b.name != "up" && !same_heads) continue;
    for (const auto& a : of_a) {
      if (a.name == b.name && a.rows == b.rows) out.push_back({b.view, a.view, a.rows});
    }
  }
  return out;
}

// (trace of D D^T)^2 / |D D^T|^2: over how many directions the rows of D are spread.
double effective_rank(const std::vector<float>& rows, size_t width) {
  const size_t count = rows.size() / width;
  std::vector<float> gram(count * count);
  stats::gemm(stats::Op::plain, stats::Op::transposed, count, count, width, rows.data(), width,
              rows.data(), width, 0.0f, gram.data(), count);
  double trace = 0;
  for (size_t i = 0; i < count; ++i) trace += gram[i * count + i];
  const double squares = stats::sum_of_squares(gram.data(), gram.size());
  return squares > 0 ? trace * trace / squares : 0;
}

struct Spread {
  double mean = 0, variation = 0;  // sd / mean
};
Spread spread_of(const std::vector<double>& values) {
  double sum = 0, squares = 0;
  for (const double value : values) {
    sum += value;
    squares += value * value;
  }
  const auto n = static_cast<double>(values.size());
  const double mean = sum / n, variance = std::max(0.0, squares / n - mean * mean);
  return {mean, mean > 0 ? std::sqrt(variance) / mean : 0};
}

// Values that are 0 in one model only, where the values that remain are not the few of a
// quantisation grid, which rounds small values to 0.
double pruned_share(std::span<const float> pruned, std::span<const float> other) {
  double zeros = 0;
  for (size_t first = 0; first < pruned.size(); first += kPrunedBlock) {
    const auto block = pruned.subspan(first, std::min(kPrunedBlock, pruned.size() - first));
    std::vector<float> kept;
    double removed = 0;
    for (size_t i = 0; i < block.size(); ++i) {
      if (block[i] != 0) kept.push_back(block[i]);
      removed += block[i] == 0 && other[first + i] != 0;
    }
    std::sort(kept.begin(), kept.end());
    const auto distinct = std::unique(kept.begin(), kept.end()) - kept.begin();
    if (2 * static_cast<size_t>(distinct) > kept.size()) zeros += removed;
  }
  return zeros / static_cast<double>(pruned.size());
}

// Values that are 0 in one model only were removed from it.
std::string pruning_of(const MatrixDifference& mean) {
  const double b = mean.pruned_suspect, a = mean.pruned_reference;
  if (std::max(a, b) < kPrunedMin || std::min(a, b) > kPrunedMin / 10) return {};
  return cat("the ", b > a ? "suspect" : "reference",
             " was pruned: ", fixed(100 * std::max(a, b), 0),
             " % of its values are 0 where the other's are not");
}

TestResult result_of(const std::vector<MatrixDifference>& found, TestResult out) {
  std::vector<double> rest, relative;
  MatrixDifference mean;
  const auto n = static_cast<double>(found.size());
  for (const MatrixDifference& one : found) {
    rest.push_back(one.rest);
    relative.push_back(one.size > 0 ? one.rest / one.size : 0);
    mean.equal += one.equal / n;
    mean.equal_shifted += one.equal_shifted / n;
    mean.scale += one.scale / n;
    mean.rank += one.rank / n;
    mean.rows += one.rows / n;
    mean.pruned_suspect += one.pruned_suspect / n;
    mean.pruned_reference += one.pruned_reference / n;
  }
  const Spread absolute = spread_of(rest);
  out.value = out.effect = spread_of(relative).mean;
  out.outcome = Outcome::soft;
  out.note = cat(fixed(100 * mean.equal, 1), " % of values are identical (",
                 fixed(100 * mean.equal_shifted, 1), " % against the next column); scale ",
                 fixed(mean.scale, 3), "; the rest is ", fixed(absolute.mean, 5), " +- ",
                 fixed(100 * absolute.variation, 0), " % over ", found.size(),
                 " matrices; rank of the difference ", fixed(mean.rank, 1), " of ",
                 fixed(mean.rows, 0), " rows");
  out.direction = pruning_of(mean);
  return out;
}

}  // namespace

MatrixDifference difference(std::span<const float> suspect, std::span<const float> reference,
                            size_t width) {
  MatrixDifference out;
  const size_t count = reference.size();
  const auto n = static_cast<double>(count);
  for (size_t i = 0; i < count; ++i) {
    const size_t next = i % width + 1 < width ? i + 1 : i + 1 - width;
    out.equal += suspect[i] == reference[i] && reference[i] != 0;
    out.equal_shifted += suspect[next] == reference[i] && reference[i] != 0;
  }
  out.pruned_suspect = pruned_share(suspect, reference);
  out.pruned_reference = pruned_share(reference, suspect);
  out.equal /= n;
  out.equal_shifted /= n;
  const double aa = stats::sum_of_squares(reference.data(), count);
  const double ab = stats::dot(suspect.data(), reference.data(), count);
  out.scale = aa > 0 ? ab / aa : 0;
  const double bb = stats::sum_of_squares(suspect.data(), count);
  out.rest = std::sqrt(std::max(0.0, bb - out.scale * ab) / n);
  out.size = std::sqrt(aa / n);
  std::vector<float> rows(count);
  for (size_t i = 0; i < count; ++i) rows[i] = suspect[i] - reference[i];
  out.rank = effective_rank(rows, width);
  out.rows = n / static_cast<double>(width);
  return out;
}

Result<TestResult> copy_forensics(const ModelPair& pair, const std::vector<LayerPair>& layers) {
  TestResult out;
  out.name = "T7 copy forensics";
  out.statistic =
      "root mean square of the suspect without the scaled reference, relative to the reference's";
  out.null = "none: never scored";
  std::vector<MatrixPair> all;
  const bool same_width = pair.suspect.width() == pair.reference.width();
  for (const size_t place : evenly(same_width ? layers.size() : 0, kSampledLayers)) {
    for (MatrixPair& both : matrix_pairs(pair, layers[place])) all.push_back(std::move(both));
  }
  out.note = "there are no two matrices of equal shape";
  if (all.empty()) return out;
  std::vector<MatrixDifference> found(all.size());
  auto status = parallel_for(all.size(), pair.threads, [&](size_t i, unsigned) -> Status {
    const uint64_t rows = std::min(kForensicRows, all[i].rows);
    auto b = load_vectors({&pair.suspect, all[i].suspect, nullptr, nullptr}, 0, rows);
    if (!b) return std::move(b).error();
    auto a = load_vectors({&pair.reference, all[i].reference, nullptr, nullptr}, 0, rows);
    if (!a) return std::move(a).error();
    found[i] = difference(*b, *a, pair.reference.width());
    return {};
  });
  if (!status) return std::move(status).error();
  return result_of(found, std::move(out));
}

}  // namespace wmk::lineage
