// Spectra of layers: by them the layers of two models are paired.
#include "neurons/rows/spectrum.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "neurons/rows/moments.h"
#include "stats/second_moment.h"
#include "stats/spectral.h"
#include "stats/vectors.h"
#include "tests/unit/neurons/fading_rows.h"

namespace wmk::neurons {
namespace {

// In the opposite order, every second one negated, and all reflected: x - 2 v (v . x).
Rows disguised(const Rows& rows) {
  const Rows mirror = fading_rows(1, rows.width, 0, 99);
  Rows out = rows;
  for (size_t i = 0; i < rows.count; ++i) {
    float* const row = out.row(rows.count - 1 - i);
    std::copy_n(rows.row(i), rows.width, row);
    const auto along = static_cast<float>(-2 * stats::dot(row, mirror.row(0), rows.width));
    stats::add_scaled(along, mirror.row(0), rows.width, row);
    if (i % 2 == 0) stats::scale(-1, rows.width, row);
  }
  return out;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double squares = 0;
  for (size_t i = 0; i < a.size(); ++i) squares += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(squares);
}

std::vector<double> exact_spectrum(const Rows& rows) {
  std::vector<double> moment(rows.width * rows.width), out;
  add_moment(rows, 1, 1, moment);
  stats::mirror_lower(rows.width, 1, moment.data());
  const auto values = stats::eigenpairs(moment, rows.width).values;
  for (size_t i = 0; i < kSpectrum; ++i) {
    out.push_back(values[rows.width - 1 - i] - values[rows.width - kSpectrum]);
  }
  const double length = distance(out, std::vector<double>(kSpectrum));
  for (double& value : out) value /= length;
  return out;
}

}  // namespace

TEST_CASE("a spectrum is that of the largest eigenvalues", "[neurons][carry]") {
  const double spread = GENERATE(1.0, 3.0);
  const Rows rows = fading_rows(1500, 256, spread, 1);
  CHECK(distance(spectrum_of(rows, 2), exact_spectrum(rows)) < 0.01);
}

TEST_CASE("a spectrum does not depend on rotation, order or signs of rows, or on threads",
          "[neurons][carry]") {
  const Rows rows = fading_rows(1500, 256, 2, 1);
  const std::vector<double> spectrum = spectrum_of(rows, 1);
  CHECK(distance(spectrum_of(disguised(rows), 2), spectrum) < 0.02);
  CHECK(distance(spectrum_of(fading_rows(1500, 256, 8, 2), 2), spectrum) > 0.05);
  CHECK(spectrum_of(rows, 3) == spectrum);
}

TEST_CASE("few, narrow and zero rows have a spectrum of zeros or of what there is",
          "[neurons][carry]") {
  const std::vector<double> none(kSpectrum);
  CHECK(spectrum_of({0, 64, {}}, 2) == none);
  CHECK(spectrum_of({50, 64, std::vector<float>(50 * 64)}, 2) == none);
  for (const auto& [count, width] : {std::pair<size_t, size_t>(3, 64), {200, 8}, {40, 48}}) {
    const std::vector<double> spectrum = spectrum_of(fading_rows(count, width, 2, 1), 2);
    CHECK(distance(spectrum, none) == Approx(1));
    CHECK(std::is_sorted(spectrum.rbegin(), spectrum.rend()));
  }
}

}  // namespace wmk::neurons
