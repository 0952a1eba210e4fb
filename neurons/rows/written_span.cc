#include "neurons/rows/written_span.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "base/text.h"
#include "neurons/rows/moments.h"
#include "neurons/rows/token_rows.h"
#include "stats/gemm.h"
#include "stats/second_moment.h"
#include "stats/spectral.h"
#include "stats/vectors.h"

namespace wmk::neurons {

namespace {

// The second moment of unit rows, and what of its trace is from rounding to the stored type.
struct Moment {
  std::vector<double> sum;  // d x d, the lower triangle
  double rounding = 0;
};
using Matrix = std::vector<double>;

constexpr int kPowerSteps = 20;
constexpr double kMeanError = 1e-12;
constexpr double kDrowned = 1.0 / 64;    // part of a centred row's square that may be rounding
constexpr uint64_t kUnitsRead = 256;     // of each group
constexpr size_t kLines = 128;           // rows or columns of one task
constexpr size_t kRowsPerDirection = 4;  // token rows, and at least as many down columns

// The mean square of the rounding error of a number, as a part of its square: with p bits after the
// leading one, 4^-p / 12 by the mean 7 / 3 of squares between 1 and 2. Zero for types that hold no
// such numbers.
double rounding_of(const checkpoint::Checkpoint& checkpoint, size_t tensor) {
  switch (checkpoint.tensors()[tensor].dtype) {
    case checkpoint::DType::bf16:
      return std::ldexp(1.0, -14) / 28;
    case checkpoint::DType::f16:
      return std::ldexp(1.0, -20) / 28;
    case checkpoint::DType::f32:
      return std::ldexp(1.0, -46) / 28;
    default:
      return 0;
  }
}

// Calls use(first, count) for bands of `size` rows or columns, in parallel.
template <class Use>
void for_lines(size_t size, unsigned threads, const Use& use) {
  (void)parallel_for((size + kLines - 1) / kLines, threads, [&](size_t i, unsigned) -> Status {
    use(i * kLines, std::min(kLines, size - i * kLines));
    return {};
  });
}

// Centres a row in double, so that a coordinate that is the same in all rows becomes exactly zero;
// `part`: the mean square of a rounding error. Returns what of the square of the centred row may be
// rounding; a row that is drowned in it becomes zero.
double centre(const std::vector<double>& mean, double part, std::span<float> row) {
  double stored = 0;  // what is the same in all rows is no source of rounding errors
  for (size_t c = 0; c < row.size(); ++c) {
    // The mean of equal numbers may differ from them in its last bits.
    const bool is_constant = std::fabs(row[c] - mean[c]) <= kMeanError * std::fabs(mean[c]);
    if (!is_constant) stored += static_cast<double>(row[c]) * row[c];
    row[c] = is_constant ? 0.0f : static_cast<float>(row[c] - mean[c]);
  }
  const double centred = stats::sum_of_squares(row.data(), row.size());
  if (part * stored > kDrowned * centred) {
    std::fill(row.begin(), row.end(), 0.0f);
    return 0;
  }
  return centred > 0 ? part * stored / centred : 0;
}

Status add_tokens(const Model& model, unsigned threads, Moment& moment) {
  const checkpoint::Anatomy& anatomy = *model.anatomy;
  const uint64_t wanted = std::min<uint64_t>(anatomy.vocabulary, kRowsPerDirection * anatomy.width);
  const TokenRows tokens(model, wanted, threads);
  std::vector<double> mean(anatomy.width);
  Status status = tokens.for_slices([&](const Rows& rows) {
    for_lines(rows.width, threads, [&](size_t first, size_t count) {
      for (size_t i = 0; i < rows.count; ++i) {
        for (size_t c = first; c < first + count; ++c) {
          mean[c] += rows.row(i)[c] / static_cast<double>(wanted);
        }
      }
    });
  });
  if (!status) return status;
  const double part = rounding_of(*model.checkpoint, anatomy.token_embedding);
  return tokens.for_slices([&](Rows& rows) {
    std::vector<double> rounding(rows.count);
    (void)parallel_for(rows.count, threads, [&](size_t i, unsigned) -> Status {
      rounding[i] = centre(mean, part, {rows.row(i), rows.width});
      return {};
    });
    for (const double each : rounding) moment.rounding += each / static_cast<double>(wanted);
    normalise(rows, threads);
    add_moment(rows, static_cast<double>(rows.count) / static_cast<double>(wanted), threads,
               moment.sum);
  });
}

Status add_downs(const Model& model, unsigned threads, Moment& moment) {
  const auto& groups = model.anatomy->groups;
  const size_t step = std::max<size_t>(1, groups.size() / 64);
  for (size_t first = 0; first < groups.size(); first += 8 * step) {
    std::vector<Rows> parts(8);
    Status status = parallel_for(parts.size(), threads, [&](size_t i, unsigned) -> Status {
      const size_t group = first + i * step;
      if (group >= groups.size()) return {};
      std::vector<int> exponents;
      const uint64_t count = std::min(kUnitsRead, groups[group].units);
      const uint64_t begin = (groups[group].units - count) / 2;
      Status read = read_rows(model, group, RowKind::down, begin, count, parts[i], exponents);
      normalise(parts[i]);
      return read;
    });
    if (!status) return status;
    const double weight = 1 / static_cast<double>(groups.size());
    for (size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].count == 0) continue;
      add_moment(parts[i], weight, threads, moment.sum);
      const size_t tensor = groups[first + i * step].down.tensor;
      moment.rounding += weight * rounding_of(*model.checkpoint, tensor);
    }
  }
  return {};
}

// The largest eigenvalue, by power iteration from the row of the largest diagonal entry.
double largest_eigenvalue(const Matrix& m, size_t d, unsigned threads) {
  size_t start = 0;
  for (size_t i = 0; i < d; ++i) start = m[i * d + i] > m[start * d + start] ? i : start;
  std::vector<double> x(&m[start * d], &m[start * d] + d), image(d);
  double value = 0;
  for (int step = 0; step < kPowerSteps; ++step) {
    double squares = 0;
    for (const double each : x) squares += each * each;
    if (!(squares > 0)) return 0;
    for (double& each : x) each /= std::sqrt(squares);
    for_lines(d, threads, [&](size_t first, size_t count) {
      stats::gemm(stats::Op::plain, stats::Op::plain, count, 1, d, &m[first * d], d, x.data(), 1,
                  0.0, &image[first], 1);
    });
    value = 0;
    for (size_t i = 0; i < d; ++i) value += x[i] * image[i];
    x.swap(image);
  }
  return value;
}

}  // namespace

Result<Rows> written_span(const Model& model, unsigned threads) {
  const size_t d = model.anatomy->width;
  Moment moment{Matrix(d * d)};
  Status status = add_tokens(model, threads, moment);
  if (status) status = add_downs(model, threads, moment);
  if (!status) return std::move(status).error();
  Matrix& sum = moment.sum;
  stats::mirror_lower(d, threads, sum.data());
  const double floor = std::max(kWrittenMin * largest_eigenvalue(sum, d, threads),
                                kRoundingMin * moment.rounding / static_cast<double>(d));
  for (size_t i = 0; i < d; ++i) sum[i * d + i] -= floor;
  if (stats::is_positive_definite(sum, d)) return Rows{};
  const stats::Eigenpairs pairs = stats::eigenpairs(sum, d);
  Rows basis{0, d, {}};
  for (size_t i = 0; i < d; ++i) {
    if (!(pairs.values[i] > 0)) continue;
    ++basis.count;
    for (size_t c = 0; c < d; ++c) {
      basis.values.push_back(static_cast<float>(pairs.vectors[i * d + c]));
    }
  }
  if (basis.count == 0) {
    return Error(ErrorCode::malformed, "token rows and down columns are zero");
  }
  return basis;
}

}  // namespace wmk::neurons
