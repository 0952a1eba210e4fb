#include "neurons/rows/moments.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "stats/gemm.h"
#include "stats/second_moment.h"
#include "stats/vectors.h"

namespace wmk::neurons {

using stats::Op;

namespace {

constexpr size_t kBand = 128;  // rows of a product that one task computes

void scale_rows(float factor, size_t width, unsigned threads, std::vector<float>& matrix) {
  (void)parallel_for(matrix.size() / width, threads, [&](size_t i, unsigned) -> Status {
    stats::scale(factor, width, &matrix[i * width]);
    return {};
  });
}

}  // namespace

void add_cross_moment(const Rows& left, const Rows& right, unsigned threads,
                      std::vector<float>& sum) {
  (void)parallel_for((left.width + kBand - 1) / kBand, threads, [&](size_t i, unsigned) -> Status {
    const size_t first = i * kBand, count = std::min(kBand, left.width - first);
    stats::gemm(Op::transposed, Op::plain, count, right.width, left.count,
                left.values.data() + first, left.width, right.values.data(), right.width, 1.0f,
                &sum[first * right.width], right.width);
    return {};
  });
}

void add_moment(const Rows& rows, double weight, unsigned threads, std::vector<double>& sum) {
  const size_t d = rows.width;
  const double each = weight / static_cast<double>(std::max<size_t>(1, rows.count));
  std::vector<std::vector<float>> buffers(std::max(1u, threads));
  (void)parallel_for((d + kBand - 1) / kBand, threads, [&](size_t band, unsigned w) -> Status {
    const size_t first = band * kBand, count = std::min(kBand, d - first), columns = first + count;
    std::vector<float>& product = buffers[w];
    product.resize(kBand * d);
    stats::gemm(Op::transposed, Op::plain, count, columns, rows.count, rows.values.data() + first,
                d, rows.values.data(), d, 0.0f, product.data(), columns);
    for (size_t i = 0; i < count; ++i) {
      double* const to = &sum[(first + i) * d];
      for (size_t j = 0; j < columns; ++j) to[j] += each * product[i * columns + j];
    }
    return {};
  });
}

std::vector<float> form_of(const Rows& rows, unsigned threads) {
  const size_t d = rows.width;
  std::vector<float> out(d * d);
  stats::add_rounded_moment(rows.values.data(), rows.count, d, threads, out.data());
  stats::mirror_lower(d, threads, out.data());
  scale_rows(1 / static_cast<float>(std::max<size_t>(1, rows.count)), d, threads, out);
  for (size_t i = 0; i < d; ++i) out[i * d + i] -= 1.0f / static_cast<float>(d);
  const double length = std::sqrt(stats::sum_of_squares(out.data(), out.size()));
  if (length > 0) scale_rows(static_cast<float>(1 / length), d, threads, out);
  return out;
}

Rows values_under(const Products& form, const Rows& rows, unsigned threads) {
  const size_t d = rows.width;
  Rows out{rows.count, kValuesOfForm, std::vector<float>(rows.count * kValuesOfForm)};
  (void)parallel_for((rows.count + kBand - 1) / kBand, threads, [&](size_t i, unsigned) -> Status {
    const size_t first = i * kBand, count = std::min(kBand, rows.count - first);
    const Rows image = form.of(rows, first, count);
    for (size_t r = 0; r < count; ++r) {
      const float* const moved = image.row(r);
      out.row(first + r)[0] = static_cast<float>(stats::dot(rows.row(first + r), moved, d));
      out.row(first + r)[1] = static_cast<float>(std::sqrt(stats::sum_of_squares(moved, d)));
    }
    return {};
  });
  return out;
}

}  // namespace wmk::neurons
