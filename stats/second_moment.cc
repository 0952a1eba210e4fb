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

// What one worker computes in.
struct Band {
  LeftOperand left;
  std::vector<float> products;
};

}  // namespace

void add_rounded_moment(const float* rows, size_t count, size_t width, unsigned threads,
                        float* sum) {
  std::vector<float> filled;
  RightOperand right;
  std::vector<Band> bands(std::max(1u, threads));
  for (size_t start = 0; start < count; start += kRowsAtOnce) {
    const size_t part = std::min(kRowsAtOnce, count - start);
    const float* const whole_rows = with_whole_tiles(rows + start * width, part, width, filled);
    right.resize(whole_tiles(part), whole_tiles(width));
    for_bands(right.k(), kPackedRows, threads, [&](size_t first, size_t lines, unsigned) {
      pack_rounded_rows(whole_rows, first, lines, right);
    });
    for_bands(right.n(), kBand, threads, [&](size_t first, size_t lines, unsigned worker) {
      auto& [left, products] = bands[worker];
      transpose(right, first, lines, left);
      const size_t breadth = first + lines;
      products.resize(kBand * right.n());
      const Term term{&left, &right};
      bf16_gemm_part({&term, 1}, 0, lines, breadth, products.data(), breadth);
      for (size_t i = 0; i < lines && first + i < width; ++i) {
        add_scaled(1.0f, &products[i * breadth], std::min(breadth, width),
                   &sum[(first + i) * width]);
      }
    });
  }
}

void mirror_lower(size_t width, float* matrix) {
  for (size_t first = 0; first < width; first += kBand) {
    for (size_t r = first; r < width; ++r) {
      const size_t end = std::min(r, first + kBand);
      for (size_t c = first; c < end; ++c) matrix[c * width + r] = matrix[r * width + c];
    }
  }
}

}  // namespace wmk::stats
