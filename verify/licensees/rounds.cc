#include "verify/licensees/rounds.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "embed/licensees/beside.h"
#include "embed/licensees/scores.h"
#include "embed/scheme/price.h"
#include "verify/claims/judge.h"
#include "verify/licensees/hidden.h"

namespace wmk::verify {

namespace {

// Colluders who are hidden by others show after two or three.
constexpr unsigned kRoundsMax = 16;

// Of a longer list, those who nobody can hide are scored once (hidden.h): some of a thousand are
// scored again, so no more than these can be listed.
constexpr size_t kAllAgainMax = 100'000;
constexpr size_t kListedOf = 1000;

class Naming {
 public:
  Naming(const embed::CodeSums& sums, std::span<const Statistic> statistics,
         const RoundsRequest& request)
      : sums_(sums), statistics_(statistics), request_(request) {
    const size_t count = request.licensees.size();
    numbers_.resize(count);
    std::iota(numbers_.begin(), numbers_.end(), size_t{0});
    is_named_.resize(count);
    is_long_ = count > kAllAgainMax && request.listed_min <= count / kListedOf;
  }

  Rounds run() {
    scores_ = scores_of(request_.licensees, sums_);
    own_.emplace(request_.own_heads, *request_.trace, request_.licensees, scores_,
                 request_.threads);
    own_->append_to(scores_, numbers_);
    choose();
    while (name() && out_.rounds < kRoundsMax) {
      ++out_.rounds;
      score_beside_named();
    }
    out_.scored_last = numbers_.size();
    list();
    return std::move(out_);
  }

 private:
  // Of the id at this place of the round; 0 where it has no score.
  double z_of(const Statistic& by, size_t at) const {
    const double z =
        by.z(by.ffn ? scores_.ffn[*by.ffn][at] : 0, by.output ? scores_.output[*by.output][at] : 0);
    return std::isnan(z) ? 0 : z;
  }

  // In this round.
  double price_of(const Statistic& by) const {
    return by.price * embed::trace_price(1, 1, out_.rounds) / embed::trace_price(1, 1);
  }

  double ln_price_p_of(const Statistic& by, size_t at) const {
    return ln_price_p(std::abs(z_of(by, at)), price_of(by));
  }

  // By statistic: a z below it names nobody in this round.
  std::vector<double> lowest() const {
    const double alpha = std::max(request_.alpha, std::exp(embed::kConclusiveLnP));
    std::vector<double> out;
    for (const Statistic& by : statistics_) {
      out.push_back(std::sqrt(2 * std::log(price_of(by) / alpha)) * (1 - 1e-9));
    }
    return out;
  }

  embed::CodeScores scores_of(std::span<const std::string> ids, const embed::CodeSums& sums) const {
    return embed::code_scores(*request_.trace, ids, sums, request_.threads, request_.progress);
  }

  void score_beside_named() {
    embed::CodeSums sums = sums_;
    embed::subtract_codes(*request_.trace, embed::CodeSite::ffn, named_, sums.ffn);
    embed::subtract_codes(*request_.trace, embed::CodeSite::output, named_, sums.output);
    if (!is_long_) {
      scores_ = scores_of(request_.licensees, sums);
    } else {
      if (out_.rounds == 2) first_ = std::move(scores_);
      numbers_ = may_be_hidden({first_, sums_, sums}, statistics_, lowest());
      std::vector<std::string> ids;
      for (const size_t number : numbers_) ids.push_back(request_.licensees[number]);
      scores_ = scores_of(ids, sums);
    }
    own_->append_to(scores_, numbers_);
  }

  // The statistic with the smallest p; of equal ones, the largest z.
  void choose() {
    bool is_first = true;
    double z_best = 0;
    for (size_t i = 0; i < statistics_.size(); ++i) {
      const Statistic& by = statistics_[i];
      double z = 0;
      for (size_t at = 0; at < numbers_.size(); ++at) z = std::max(z, std::abs(z_of(by, at)));
      const double ln_p = ln_price_p(z, by.price);
      if (!by.shows_nobody && !yes_level(ln_p, request_.alpha)) continue;
      if (!is_first && (ln_p > out_.ln_p || (ln_p == out_.ln_p && z <= z_best))) continue;
      is_first = false;
      out_.statistic = i;
      out_.ln_p = ln_p;
      z_best = z;
    }
  }

  LicenseeZ entry(size_t at, const Statistic& by) const {
    const double ln_p = std::min(0.0, ln_price_p_of(by, at));
    LicenseeZ out{.id = request_.licensees[numbers_[at]],
                  .z = z_of(by, at),
                  .ln_p = ln_p,
                  .level = yes_level(ln_p, request_.alpha).value_or(report::Level::undecided),
                  .round = out_.rounds,
                  .price = price_of(by)};
    if (by.ffn) out.z_ffn = scores_.ffn[*by.ffn][at];
    if (by.output && !std::isnan(scores_.output[*by.output][at])) {
      out.z_output = scores_.output[*by.output][at];
    }
    return out;
  }

  // Lists those whom this round names; whether there are any.
  bool name() {
    const size_t before = named_.size();
    const std::vector<double> sizes = lowest();
    for (size_t at = 0; at < numbers_.size(); ++at) {
      if (is_named_[numbers_[at]] || !reaches(at, sizes)) continue;
      const auto smallest = std::min_element(statistics_.begin(), statistics_.end(),
                                             [&](const Statistic& a, const Statistic& b) {
                                               return ln_price_p_of(a, at) < ln_price_p_of(b, at);
                                             });
      if (!yes_level(std::min(0.0, ln_price_p_of(*smallest, at)), request_.alpha)) continue;
      out_.best.push_back(entry(at, *smallest));
      named_.push_back(out_.best.back().id);
      is_named_[numbers_[at]] = true;
    }
    return named_.size() > before;
  }

  // Whether z of one of the statistics has the size that is given for it.
  bool reaches(size_t at, const std::vector<double>& sizes) const {
    for (size_t i = 0; i < sizes.size(); ++i) {
      if (std::abs(z_of(statistics_[i], at)) >= sizes[i]) return true;
    }
    return false;
  }

  // Puts the list in order, and the best of the others behind it.
  void list() {
    out_.named = out_.best.size();
    std::stable_sort(out_.best.begin(), out_.best.end(),
                     [](const auto& a, const auto& b) { return a.ln_p < b.ln_p; });
    const Statistic& by = statistics_[out_.statistic];
    std::vector<size_t> others;
    for (size_t at = 0; at < numbers_.size(); ++at) {
      if (!is_named_[numbers_[at]]) others.push_back(at);
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

  const embed::CodeSums& sums_;
  std::span<const Statistic> statistics_;
  const RoundsRequest& request_;
  bool is_long_;
  std::vector<size_t> numbers_;  // of the ids of this round, in the request
  embed::CodeScores scores_;     // of this round
  embed::CodeScores first_;      // of a long list, in the first round
  std::optional<OwnScores> own_;
  std::vector<bool> is_named_;  // by number
  std::vector<std::string> named_;
  Rounds out_;
};

}  // namespace

Rounds name_licensees(const embed::CodeSums& sums, std::span<const Statistic> statistics,
                      const RoundsRequest& request) {
  return Naming(sums, statistics, request).run();
}

}  // namespace wmk::verify
