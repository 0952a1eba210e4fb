#include "report/probability.h"

#include <catch2/catch.hpp>
#include <charconv>
#include <cmath>
#include <limits>

namespace wmk::report {
namespace {

double number_in(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// log10 of the number that a bound shows.
double shown_log10(std::string_view bound) {
  constexpr std::string_view kLess = "< ", kPower = "< 10^";
  if (bound == "1") return 0;
  if (bound.starts_with(kPower)) return number_in(bound.substr(kPower.size()));
  return std::log10(number_in(bound.substr(kLess.size())));
}

}  // namespace

TEST_CASE("a printed p is rounded up", "[report]") {
  CHECK(p_bound(0) == "1");
  CHECK(p_bound(3) == "1");
  CHECK(p_bound(std::nan("")) == "1");
  CHECK(p_bound(-1e-6) == "1");
  CHECK(p_bound(std::log10(.012341)) == "< 0.0124");
  CHECK(p_bound(std::log10(.01239)) == "< 0.0124");
  CHECK(p_bound(-3) == "< 10^-3");
  CHECK(p_bound(-246.9) == "< 10^-246");
  CHECK(p_bound(-std::numeric_limits<double>::infinity()) == "< 10^-1000000");
  CHECK(p_statement(0) == "p = 1");
  CHECK(p_statement(std::log10(.5)) == "p < 0.5000");
  CHECK(p_statement(-246.9) == "p < 10^-246");
}

TEST_CASE("a printed p is never below the value", "[report]") {
  for (double log10_p = -4; log10_p <= 0; log10_p += 1.7e-4) {
    CAPTURE(log10_p);
    CHECK(shown_log10(p_bound(log10_p)) >= log10_p - 1e-12);
  }
  for (double log10_p = -1e4; log10_p < -3; log10_p += 7.3) {
    CAPTURE(log10_p);
    CHECK(shown_log10(p_bound(log10_p)) >= log10_p);
  }
}

TEST_CASE("a printed log10 p is rounded up", "[report]") {
  CHECK(log10_bound(-246.87) == "-246.8");
  CHECK(log10_bound(-246.81) == "-246.8");
  CHECK(log10_bound(-12.3) == "-12.3");
  CHECK(log10_bound(-.19) == "-0.1");
  for (const double nothing : {-.099, -0.0, 0.0, 3.0, std::nan("")}) {
    CHECK(log10_bound(nothing) == "0.0");
  }
  CHECK(log10_bound(-std::numeric_limits<double>::infinity()) == "-1000000.0");
  for (double log10_p = -400; log10_p < 0; log10_p += .037) {
    CAPTURE(log10_p);
    CHECK(number_in(log10_bound(log10_p)) >= log10_p);
    CHECK(number_in(log10_bound(log10_p)) < log10_p + .1001);
  }
}

TEST_CASE("natural logarithms become decimal ones", "[report]") {
  CHECK(log10_of(0) == 0);
  CHECK(log10_of(std::log(1e-9)) == Approx(-9));
}

}  // namespace wmk::report
