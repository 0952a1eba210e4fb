#include "verify/licensees/hidden.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace wmk::verify {

namespace {

constexpr double kDeviations = 5;  // one of 3 million is farther above what is expected of it
// Others are listed beside those who are named, so some are scored again in any case.
constexpr double kShows = 3;

double length_of_sums(const std::vector<double>& sums) {
  return std::sqrt(std::inner_product(sums.begin(), sums.end(), sums.begin(), 0.0));
}

// z of an id in one of the sums, 0 where the statistic has none of this site.
double z_in(const std::vector<std::vector<double>>& scores, std::optional<size_t> sums, size_t id) {
  return sums ? scores[*sums][id] : 0;
}

// By how much z of an id grows beside those who are named. Its own directions are not read again.
double growth(const std::vector<std::vector<double>>& sums,
              const std::vector<std::vector<double>>& left, std::optional<size_t> of) {
  if (of && *of >= sums.size()) return 1;
  return of ? length_of_sums(sums[*of]) / length_of_sums(left[*of]) : 0;
}

}  // namespace

std::vector<size_t> may_be_hidden(const FirstRound& first, std::span<const Statistic> statistics,
                                  std::span<const double> lowest) {
  const embed::CodeScores& z = first.scores;
  std::vector<bool> may_be(z.ffn.empty() ? z.output.front().size() : z.ffn.front().size());
  for (size_t i = 0; i < statistics.size(); ++i) {
    const Statistic& by = statistics[i];
    const double in_ffn = growth(first.sums.ffn, first.sums_left.ffn, by.ffn);
    const double in_output = growth(first.sums.output, first.sums_left.output, by.output);
    const double deviation = std::sqrt(
        std::max(0.0, std::pow(by.z(in_ffn, 0), 2) + std::pow(by.z(0, in_output), 2) - 1));
    for (size_t id = 0; id < may_be.size(); ++id) {
      const double ffn = z_in(z.ffn, by.ffn, id), output = z_in(z.output, by.output, id);
      if (std::isnan(output)) continue;  // this statistic does not score it
      // Sums of which nothing is left tell nothing, and all ids are scored.
      const bool is_below =
          std::abs(by.z(in_ffn * ffn, in_output * output)) < lowest[i] - kDeviations * deviation;
      if (!is_below || std::abs(by.z(ffn, output)) >= kShows) may_be[id] = true;
    }
  }
  std::vector<size_t> out;
  for (size_t id = 0; id < may_be.size(); ++id) {
    if (may_be[id]) out.push_back(id);
  }
  return out;
}

}  // namespace wmk::verify
