#include "verify/licensees/statistic.h"

#include <cmath>

namespace wmk::verify {

namespace {

// One copy shows in any statistic; the weights of both sites are for as few as are hard to name.
constexpr double kMixedCopies = 3;

}  // namespace

double Statistic::z(double of_ffn, double of_output) const {
  if (!output) return of_ffn;
  if (!ffn) return of_output;
  return ffn_part * of_ffn + output_part * of_output;
}

Statistic both_sites_alike(size_t ffn, size_t output, double expected_ffn, double expected_output,
                           double price) {
  const double length = std::hypot(expected_ffn, expected_output);
  return {.ffn = ffn,
          .output = output,
          .ffn_part = expected_ffn / length,
          .output_part = expected_output / length,
          .price = price,
          .shows_nobody = false};
}

Statistic both_sites(size_t ffn, size_t output, double expected_ffn, double expected_output,
                     double price) {
  return both_sites_alike(ffn, output, expected_ffn, expected_output / kMixedCopies, price);
}

}  // namespace wmk::verify
