#include "embed/output/nearest_row.h"

#include <algorithm>
#include <cmath>

namespace wmk::embed {

namespace {

// Of the length of the suspect's row: the nearest row is at most this far,
constexpr float kDistanceMax = 0.8f;
// and the second nearest at least this much farther.
constexpr float kMargin = 0.25f;

bool is_clear(float nearest, float second, float length) {
  return length > 0 && nearest <= kDistanceMax * length && second - nearest >= kMargin * length;
}

}  // namespace

void NearestRow::Least::add(float value, uint32_t index) {
  if (value < first) {
    second = first;
    first = value;
    at = index;
  } else if (value < second) {
    second = value;
  }
}

void NearestRow::add(float distance, float reach, uint32_t index) {
  plain_.add(distance, index);
  low_.add(std::max(0.0f, distance - reach), index);
  high_.add(distance + reach, index);
}

uint32_t NearestRow::match(float length) const {
  return is_clear(plain_.first, plain_.second, length) ? plain_.at : kNone;
}

double NearestRow::ln_choices(float length, uint64_t rows) const {
  const uint32_t best = plain_.at;
  if (high_.at == best && is_clear(high_.first, low_.without(best), length)) return 0;
  // Rows behind the nearest one, at best; then the nearest one alone.
  if (is_clear(low_.second, high_.second, length)) return std::log1p(static_cast<double>(rows));
  return is_clear(low_.first, high_.without(low_.at), length) ? std::log(2.0) : 0;
}

}  // namespace wmk::embed
