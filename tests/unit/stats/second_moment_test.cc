// Second moments of rows by products in bf16.
#include "stats/second_moment.h"

#include <catch2/catch.hpp>
#include <vector>

#include "stats/bf16/operands.h"
#include "tests/support/output_case.h"

namespace wmk::stats {
namespace {

// R^T R of rows rounded to bf16, lower triangle, in double.
std::vector<double> moment_of(const std::vector<float>& rows, size_t count, size_t width) {
  std::vector<double> out(width * width);
  for (size_t i = 0; i < count; ++i) {
    const float* const row = &rows[i * width];
    for (size_t r = 0; r < width; ++r) {
      for (size_t c = 0; c <= r; ++c) {
        out[r * width + c] += static_cast<double>(nearest_bf16(row[r])) * nearest_bf16(row[c]);
      }
    }
  }
  return out;
}

}  // namespace

TEST_CASE("second moments of rows of any number and width", "[stats][moments]") {
  // Whole tiles, neither side whole, more rows than are packed at once, several bands.
  const std::pair<size_t, size_t> sizes[] = {{64, 64},   {5, 3},    {77, 70},
                                             {4100, 33}, {96, 160}, {40, 300}};
  for (const auto& [count, width] : sizes) {
    CAPTURE(count, width);
    const std::vector<float> rows = test::normal_numbers(7, count * width);
    std::vector<float> sum(width * width, 1.0f), threaded = sum;
    add_rounded_moment(rows.data(), count, width, 1, sum.data());
    add_rounded_moment(rows.data(), count, width, 3, threaded.data());
    CHECK(sum == threaded);
    SymmetricTiles<float> tiles(width);
    add_rounded_moment(rows.data(), count, width, 3, tiles);
    const std::vector<double> wanted = moment_of(rows, count, width);
    for (size_t r = 0; r < width; ++r) {
      for (size_t c = 0; c <= r; ++c) {
        const double error = sum[r * width + c] - 1.0 - wanted[r * width + c];
        CHECK(std::abs(error) <= 1e-5 * static_cast<double>(count));
        CHECK(tiles.at(c, r) == Approx(sum[r * width + c] - 1).margin(1e-6 * count));
      }
    }
    mirror_lower(width, 3, sum.data());
    for (size_t r = 0; r < width; ++r) {
      for (size_t c = 0; c < r; ++c) CHECK(sum[c * width + r] == sum[r * width + c]);
    }
  }
}

TEST_CASE("products summed over rows of any number and widths", "[stats][moments]") {
  struct Sizes {
    size_t count, from, to;
  };
  for (const auto& [count, from, to] :
       {Sizes{64, 64, 96}, Sizes{5, 3, 40}, Sizes{77, 160, 70}, Sizes{4100, 33, 5}}) {
    CAPTURE(count, from, to);
    const std::vector<float> left = test::normal_numbers(8, count * from);
    const std::vector<float> right = test::normal_numbers(9, count * to);
    std::vector<float> sum(from * to, 1.0f), threaded = sum;
    add_rounded_product(left.data(), from, right.data(), to, count, 1, sum.data());
    add_rounded_product(left.data(), from, right.data(), to, count, 3, threaded.data());
    CHECK(sum == threaded);
    double worst = 0;
    for (size_t r = 0; r < from; ++r) {
      for (size_t c = 0; c < to; ++c) {
        double wanted = 1;
        for (size_t i = 0; i < count; ++i) {
          wanted += static_cast<double>(nearest_bf16(left[i * from + r])) *
                    nearest_bf16(right[i * to + c]);
        }
        worst = std::max(worst, std::abs(sum[r * to + c] - wanted));
      }
    }
    CHECK(worst <= 1e-5 * static_cast<double>(count));
  }
}

}  // namespace wmk::stats
