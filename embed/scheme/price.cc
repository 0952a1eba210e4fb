#include "embed/scheme/price.h"

#include <cmath>

#include "embed/scheme/keys.h"

namespace wmk::embed {

namespace {

constexpr double kRules = 2;
constexpr double kAnalyses = 7;
constexpr double kSiteChoices = 4;
constexpr double kTraceSites = 2;
constexpr double kTraceSigns = 2;

// The sum over h of 1 / (h (h + 1)) is 1: of places, and of rounds of a trace.
double place_price(unsigned place) { return static_cast<double>(place) * (place + 1.0); }

}  // namespace

double price_of(unsigned place, bool shares_known) {
  const double totals = shares_known ? 1 : kSharesMax;
  return place_price(place) * kRules * kAnalyses * kSiteChoices * totals;
}

double trace_price(unsigned place, size_t ids, unsigned round) {
  return place_price(place) * place_price(round) * kRules * kTraceSites * kTraceSigns *
         static_cast<double>(ids);
}

double least_z(double price, double ln_p) { return std::sqrt(2 * (std::log(price) - ln_p)); }

double conclusive_z(double price) { return least_z(price, kConclusiveLnP); }

}  // namespace wmk::embed
