#include "verify/licensees/rounds.h"

#include <algorithm>
#include <cmath>

#include "embed/licensees/beside.h"
#include "embed/licensees/scores.h"
#include "embed/scheme/price.h"
#include "verify/claims/judge.h"

namespace wmk::verify {

namespace {

// Colluders who are hidden by others show after two or three.
constexpr unsigned kRoundsMax = 16;
// One copy shows in any statistic; the weights of both sites are for as few as are hard to name.
constexpr double kMixedCopies = 3;

// Of a longer list, ids that show less than this in every statistic of the first round are not
// scored again. It is a fixed bound, so which others are left depends on no innocent's code.
constexpr size_t kAllAgainMax = 100'000;
constexpr double kAgainFrom = 2;

class Naming {
 public:
  Naming(const LicenseeSums& sums, std::span<const Statistic> statistics,
         const RoundsRequest& request)
      : sums_(sums), statistics_(statistics), request_(request), ids_(request.licensees) {
    is_named_.resize(ids_.size());
  }

  Rounds run() {
    score();
    choose();
    while (name() && out_.rounds < kRoundsMax) {
      if (out_.rounds++ == 1 && ids_.size() > kAllAgainMax) narrow();
      score();
    }
    list();
    return std::move(out_);
  }

 private:
  using Scores = std::vector<std::vector<double>>;  // by sums, by id
  double z_of(const Statistic& by, size_t id) const {
    return by.z(by.ffn ? ffn_[*by.ffn][id] : 0, by.output ? output_[*by.output][id] : 0);
  }

  // In this round.
  double price_of(const Statistic& by) const {
    return by.price * embed::trace_price(1, 1, out_.rounds) / embed::trace_price(1, 1);
  }

  double ln_price_p_of(const Statistic& by, size_t id) const {
    return ln_price_p(std::abs(z_of(by, id)), price_of(by));
  }

  // Scores of all ids beside those who are named.
  void score() {
    const auto scores_of = [&](std::vector<std::vector<double>> sums, embed::CodeSite site) {
      embed::subtract_codes(*request_.trace, site, named_, sums);
      return embed::code_scores(*request_.trace, site, ids_, sums, request_.threads);
    };
    if (!sums_.ffn.empty()) ffn_ = scores_of(sums_.ffn, embed::CodeSite::ffn);
    if (!sums_.output.empty()) output_ = scores_of(sums_.output, embed::CodeSite::output);
  }

  // The statistic with the smallest p; of equal ones, the largest z.
  void choose() {
    bool is_first = true;
    double z_best = 0;
    for (size_t i = 0; i < statistics_.size(); ++i) {
      const Statistic& by = statistics_[i];
      double z = 0;
      for (size_t id = 0; id < is_named_.size(); ++id) z = std::max(z, std::abs(z_of(by, id)));
      const double ln_p = ln_price_p(z, by.price);
      if (!by.shows_nobody && !yes_level(ln_p, request_.alpha)) continue;
      if (!is_first && (ln_p > out_.ln_p || (ln_p == out_.ln_p && z <= z_best))) continue;
      is_first = false;
      out_.statistic = i;
      out_.ln_p = ln_p;
      z_best = z;
    }
  }

  LicenseeZ entry(size_t id, const Statistic& by) const {
    const double ln_p = std::min(0.0, ln_price_p_of(by, id));
    LicenseeZ out{.id = ids_[id],
                  .z = z_of(by, id),
                  .ln_p = ln_p,
                  .level = yes_level(ln_p, request_.alpha).value_or(report::Level::undecided),
                  .round = out_.rounds,
                  .price = price_of(by)};
    if (by.ffn) out.z_ffn = ffn_[*by.ffn][id];
    if (by.output) out.z_output = output_[*by.output][id];
    return out;
  }

  // Whether z of one of the statistics has the size that is given for it.
  bool reaches(size_t id, const std::vector<double>& sizes) const {
    for (size_t i = 0; i < sizes.size(); ++i) {
      if (std::abs(z_of(statistics_[i], id)) >= sizes[i]) return true;
    }
    return false;
  }

  // Keeps the ids that are scored again.
  void narrow() {
    const std::vector<double> from(statistics_.size(), kAgainFrom);
    std::vector<bool> is_named;
    for (size_t id = 0; id < ids_.size(); ++id) {
      if (!reaches(id, from)) continue;
      kept_.push_back(ids_[id]);
      is_named.push_back(is_named_[id]);
    }
    is_named_ = std::move(is_named);
    ids_ = kept_;
  }

  // Lists those whom this round names; whether there are any.
  bool name() {
    const size_t before = named_.size();
    const double alpha = std::max(request_.alpha, std::exp(embed::kConclusiveLnP));
    std::vector<double> lowest;  // z that names, by statistic
    for (const Statistic& by : statistics_) {
      lowest.push_back(std::sqrt(2 * std::log(price_of(by) / alpha)) * (1 - 1e-9));
    }
    for (size_t id = 0; id < is_named_.size(); ++id) {
      if (is_named_[id] || !reaches(id, lowest)) continue;
      const auto smallest = std::min_element(statistics_.begin(), statistics_.end(),
                                             [&](const Statistic& a, const Statistic& b) {
                                               return ln_price_p_of(a, id) < ln_price_p_of(b, id);
                                             });
      if (!yes_level(std::min(0.0, ln_price_p_of(*smallest, id)), request_.alpha)) continue;
      out_.best.push_back(entry(id, *smallest));
      named_.push_back(ids_[id]);
      is_named_[id] = true;
    }
    return named_.size() > before;
  }

  // Puts the list in order, and the best of the others behind it.
  void list() {
    out_.named = out_.best.size();
    std::stable_sort(out_.best.begin(), out_.best.end(),
                     [](const auto& a, const auto& b) { return a.ln_p < b.ln_p; });
    const Statistic& by = statistics_[out_.statistic];
    std::vector<size_t> others;
    for (size_t id = 0; id < is_named_.size(); ++id) {
      if (!is_named_[id]) others.push_back(id);
    }
    const size_t room = request_.listed_min - std::min(request_.listed_min, out_.named);
    const size_t kept = std::min(room, others.size());
    std::partial_sort(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(kept),
                      others.end(), [&](size_t a, size_t b) {
                        const double of_a = z_of(by, a), of_b = z_of(by, b);
                        return of_a != of_b ? of_a > of_b : a < b;
                      });
    for (size_t i = 0; i < kept; ++i) out_.best.push_back(entry(others[i], by));
  }

  const LicenseeSums& sums_;
  std::span<const Statistic> statistics_;
  const RoundsRequest& request_;
  std::span<const std::string> ids_;  // that are scored
  std::vector<std::string> kept_;     // by narrow()
  Scores ffn_, output_;
  std::vector<bool> is_named_;  // by id
  std::vector<std::string> named_;
  Rounds out_;
};

}  // namespace

double Statistic::z(double of_ffn, double of_output) const {
  if (!output) return of_ffn;
  if (!ffn) return of_output;
  return ffn_part * of_ffn + output_part * of_output;
}

Statistic both_sites(size_t ffn, size_t output, double expected_ffn, double expected_output,
                     double price) {
  const double in_ffn = expected_ffn / kMixedCopies;
  const double in_output = expected_output / (kMixedCopies * kMixedCopies);
  const double length = std::hypot(in_ffn, in_output);
  return {.ffn = ffn,
          .output = output,
          .ffn_part = in_ffn / length,
          .output_part = in_output / length,
          .price = price,
          .shows_nobody = false};
}

Rounds name_licensees(const LicenseeSums& sums, std::span<const Statistic> statistics,
                      const RoundsRequest& request) {
  return Naming(sums, statistics, request).run();
}

}  // namespace wmk::verify
