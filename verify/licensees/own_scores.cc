#include "verify/licensees/own_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace wmk::verify {

namespace {

// All of so many ids are read. Of a longer list an id is read from a z on that some hundred ids
// reach by chance; it is below any z that names.
constexpr size_t kAllReadMax = 1000;
constexpr double kReadByChance = 440;

double read_from(size_t ids) {
  if (ids <= kAllReadMax) return 0;
  return std::sqrt(2 * std::log(static_cast<double>(ids) / kReadByChance));
}

}  // namespace

OwnScores::OwnScores(const OwnHeads& heads, const crypto::SecretBytes& trace,
                     std::span<const std::string> ids, const embed::CodeScores& first,
                     unsigned threads) {
  if (heads.empty()) return;
  const double from = read_from(ids.size());
  const auto shows = [&](const std::vector<std::vector<double>>& scores, size_t id) {
    return std::any_of(scores.begin(), scores.end(),
                       [&](const auto& z) { return std::abs(z[id]) >= from; });
  };
  std::vector<size_t> numbers;
  std::vector<std::string> read;
  for (size_t id = 0; id < ids.size(); ++id) {
    if (!shows(first.ffn, id) && !shows(first.output, id)) continue;
    numbers.push_back(id);
    read.push_back(ids[id]);
  }
  for (const embed::OwnDirections* head : heads) {
    const std::vector<double> scores = head->scores(trace, read, threads);
    auto& z = z_.emplace_back(ids.size(), std::numeric_limits<double>::quiet_NaN());
    for (size_t i = 0; i < numbers.size(); ++i) z[numbers[i]] = scores[i];
  }
}

void OwnScores::append_to(embed::CodeScores& scores, std::span<const size_t> numbers) const {
  for (const std::vector<double>& of_head : z_) {
    auto& z = scores.output.emplace_back();
    for (const size_t number : numbers) z.push_back(of_head[number]);
  }
}

}  // namespace wmk::verify
