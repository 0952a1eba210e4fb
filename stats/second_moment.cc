#include "stats/second_moment.h"

#include <algorithm>
#include <vector>

#include "base/parallel.h"
#include "stats/bf16/gemm.h"
#include "stats/bf16/pack.h"
#include "stats/vectors.h"

namespace wmk::stats {

namespace {

constexpr size_t kRowsAtOnce = 4096;  // packed rows stay small
constexpr size_t kBand = 128;         // rows of the result that one task computes
constexpr size_t kPackedRows = 64;    // of a task
constexpr size_t kMirroredRows = 64;  // of a task

template <class Use>
void for_bands(size_t size, size_t band, unsigned threads, const Use& use) {
  (void)parallel_for((size + band - 1) / band, threads, [&](size_t i, unsigned worker) -> Status {
    use(i * band, std::min(band, size - i * band), worker);
    return {};
  });
}

// `rows` with zeros up to whole tiles, in `filled` if there are any.
const float* with_whole_tiles(const float* rows, size_t count, size_t width,
                              std::vector<float>& filled) {
  const size_t depth = whole_tiles(count), breadth = whole_tiles(width);
  if (depth == count && breadth == width) return rows;
  filled.assign(depth * breadth, 0.0f);
  for (size_t i = 0; i < count; ++i) std::copy_n(rows + i * width, width, &filled[i * breadth]);
  return filled.data();
}

// Rows in bf16, to be summed over.
void pack_all(const float* rows, size_t count, size_t width, unsigned threads,
              std::vector<float>& filled, RightOperand& out) {
  const float* const whole_rows = with_whole_tiles(rows, count, width, filled);
  out.resize(whole_tiles(count), whole_tiles(width));
  for_bands(out.k(), kPackedRows, threads, [&](size_t first, size_t lines, unsigned) {
    pack_rounded_rows(whole_rows, first, lines, out);
  });
}

// What one worker computes in.
struct Band {
  LeftOperand left;
  std::vector<float> products;

  // Rows [first, first + lines) of left^T right, their first `columns` numbers. Those below row
  // `height`, which are no filling, are given to add(row, numbers).
  template <class Add>
  void multiply(const RightOperand& columns_of_left, const RightOperand& right, size_t first,
                size_t lines, size_t columns, size_t height, const Add& add) {
    transpose(columns_of_left, first, lines, left);
    products.resize(kBand * right.n());
    const Term term{&left, &right};
    bf16_gemm_part({&term, 1}, 0, lines, columns, products.data(), columns);
    for (size_t i = 0; i < lines && first + i < height; ++i) add(first + i, &products[i * columns]);
  }
};

// Calls add(row, numbers, count) with parts of the rows of R^T R, all on or below the diagonal.
template <class Add>
void multiply_by_own(const float* rows, size_t count, size_t width, unsigned threads,
                     const Add& add) {
  std::vector<float> filled;
  RightOperand right;
  std::vector<Band> bands(std::max(1u, threads));
  for (size_t start = 0; start < count; start += kRowsAtOnce) {
    pack_all(rows + start * width, std::min(kRowsAtOnce, count - start), width, threads, filled,
             right);
    for_bands(right.n(), kBand, threads, [&](size_t first, size_t lines, unsigned worker) {
      bands[worker].multiply(right, right, first, lines, first + lines, width,
                             [&](size_t row, const float* numbers) { add(row, numbers, row + 1); });
    });
  }
}

}  // namespace

void add_rounded_moment(const float* rows, size_t count, size_t width, unsigned threads,
                        float* sum) {
  multiply_by_own(rows, count, width, threads, [&](size_t row, const float* numbers, size_t n) {
    add_scaled(1.0f, numbers, n, sum + row * width);
  });
}

void add_rounded_moment(const float* rows, size_t count, size_t width, unsigned threads,
                        SymmetricTiles<float>& sum) {
  multiply_by_own(rows, count, width, threads, [&](size_t row, const float* numbers, size_t n) {
    sum.add_lower_row(row, numbers, n);
  });
}

void add_rounded_product(const float* left, size_t from, const float* right, size_t to,
                         size_t count, unsigned threads, float* sum) {
  std::vector<float> filled;
  RightOperand of_left, of_right;
  std::vector<Band> bands(std::max(1u, threads));
  for (size_t start = 0; start < count; start += kRowsAtOnce) {
    const size_t part = std::min(kRowsAtOnce, count - start);
    pack_all(left + start * from, part, from, threads, filled, of_left);
    pack_all(right + start * to, part, to, threads, filled, of_right);
    for_bands(of_left.n(), kBand, threads, [&](size_t first, size_t lines, unsigned worker) {
      bands[worker].multiply(
          of_left, of_right, first, lines, of_right.n(), from,
          [&](size_t row, const float* numbers) { add_scaled(1.0f, numbers, to, sum + row * to); });
    });
  }
}

// Each task writes rows of the upper triangle.
template <class T>
void mirror_lower(size_t width, unsigned threads, T* matrix) {
  for_bands(width, kMirroredRows, threads, [&](size_t first, size_t lines, unsigned) {
    for (size_t r = first; r < width; ++r) {
      const size_t end = std::min(r, first + lines);
      for (size_t c = first; c < end; ++c) matrix[c * width + r] = matrix[r * width + c];
    }
  });
}

template void mirror_lower(size_t, unsigned, float*);
template void mirror_lower(size_t, unsigned, double*);

}  // namespace wmk::stats
