#include "embed/licensees/beside.h"

#include <cmath>
#include <numeric>

#include "base/memory/wiped.h"
#include "embed/output/output_signs.h"
#include "embed/scheme/keys.h"

namespace wmk::embed {

namespace {

using Direction = WipedVector<double>;

// Of a code's squared length, what has to be left for another direction.
constexpr double kNewPart = 1e-9;

template <class Values>
void remove_part(const Direction& direction, Values& from) {
  const double part = std::inner_product(direction.begin(), direction.end(), from.begin(), 0.0);
  for (size_t l = 0; l < direction.size(); ++l) from[l] -= part * direction[l];
}

// Orthonormal: Gram and Schmidt, each code twice against rounding.
std::vector<Direction> directions_of(const crypto::SecretBytes& trace, CodeSite site,
                                     std::span<const std::string> ids) {
  std::vector<Direction> out;
  for (const std::string& id : ids) {
    const auto code = site == CodeSite::ffn ? licensee_code(trace, id) : output_code(trace, id);
    Direction rest(code.begin(), code.end());
    for (int pass = 0; pass < 2; ++pass) {
      for (const Direction& each : out) remove_part(each, rest);
    }
    const double squares = std::inner_product(rest.begin(), rest.end(), rest.begin(), 0.0);
    if (squares < kNewPart * kCodeBits) continue;
    for (double& value : rest) value /= std::sqrt(squares);
    out.push_back(std::move(rest));
  }
  return out;
}

}  // namespace

void subtract_codes(const crypto::SecretBytes& trace, CodeSite site,
                    std::span<const std::string> ids, std::span<std::vector<double>> sums) {
  if (sums.empty()) return;
  for (const Direction& each : directions_of(trace, site, ids)) {
    for (std::vector<double>& of : sums) remove_part(each, of);
  }
}

}  // namespace wmk::embed
