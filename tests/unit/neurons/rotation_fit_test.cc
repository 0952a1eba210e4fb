// Maps of wide models: fitted by least squares, and rows compared by projections.
#include "neurons/carry/rotation_fit.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "neurons/carry/projection.h"
#include "neurons/rows/row_parts.h"
#include "stats/vectors.h"
#include "tests/unit/neurons/fading_rows.h"

namespace wmk::neurons {
namespace {

Rows random_rows(size_t count, size_t width, double spread) {
  return fading_rows(count, width, spread, count);
}

// Each row reflected, x - 2 v (v . x), behind `further` coordinates of zero.
Rows reflected(const Rows& rows, size_t further) {
  const Rows mirror = random_rows(1, rows.width, 0);
  Rows out{rows.count, rows.width + further, {}};
  out.values.resize(out.count * out.width);
  for (size_t i = 0; i < rows.count; ++i) {
    const auto along = static_cast<float>(-2 * stats::dot(rows.row(i), mirror.row(0), rows.width));
    std::copy_n(rows.row(i), rows.width, out.row(i) + further);
    stats::add_scaled(along, mirror.row(0), rows.width, out.row(i) + further);
  }
  return out;
}

}  // namespace

TEST_CASE("the map of a wide model is fitted to pairs whose coordinates differ in size",
          "[neurons][carry]") {
  const size_t width = 1056, count = 1600;
  const size_t further = GENERATE(0, 32);
  const Rows release = random_rows(count, width, 2), suspect = reflected(release, further);
  for (const auto precision : {PairMoments::Precision::rough, PairMoments::Precision::full}) {
    PairMoments moments(suspect.width, width);
    moments.add(suspect, release, 2);
    const auto o = std::move(moments).isometry(precision, 2);
    REQUIRE(o.size() == suspect.width * width);
    double worst = 1;
    for (size_t i = 0; i < count; i += 100) {
      std::vector<float> back(width);
      for (size_t c = 0; c < suspect.width; ++c) {
        stats::add_scaled(suspect.row(i)[c], &o[c * width], width, back.data());
      }
      const double length = std::sqrt(stats::sum_of_squares(back.data(), width));
      worst = std::min(worst, stats::dot(back.data(), release.row(i), width) / length);
      if (precision == PairMoments::Precision::full) CHECK(length == Approx(1).epsilon(0.02));
    }
    CHECK(worst > (precision == PairMoments::Precision::full ? 0.999 : 0.95));
  }
}

TEST_CASE("rows of wide models keep their cosines in the projection", "[neurons][carry]") {
  const size_t width = kWide + 64, count = 8;
  std::vector<float> identity(width * width);
  for (size_t c = 0; c < width; ++c) identity[c * width + c] = 1;
  const Projection projection(identity, width, width);
  Rows rows = random_rows(count, width, 1);
  for (size_t c = 0; c < width; ++c) rows.row(1)[c] += 2 * rows.row(0)[c];
  normalise(rows);
  const Rows projected = projection.of(rows, 2);
  REQUIRE(projected.width < width);
  CHECK(projection.of_suspect().size() == width * projected.width);
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < i; ++j) {
      const double before = stats::dot(rows.row(i), rows.row(j), width);
      const double after = stats::dot(projected.row(i), projected.row(j), projected.width);
      CHECK(std::abs(after - before) < 5 * (1 - before * before) / 32);
    }
  }
}

}  // namespace wmk::neurons
