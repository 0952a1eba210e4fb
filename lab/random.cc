#include "lab/random.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace wmk::lab {
namespace {

uint64_t mixed(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

uint64_t seed_of(uint64_t seed, std::string_view purpose) {
  uint64_t state = mixed(seed);
  for (const char letter : purpose) state = mixed(state ^ static_cast<unsigned char>(letter));
  return state;
}

}  // namespace

Random::Random(uint64_t seed, std::string_view purpose) : engine_(seed_of(seed, purpose)) {}

double Random::uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

double Random::uniform(double low, double high) { return low + (high - low) * uniform(); }

uint64_t Random::below(uint64_t bound) {
  // Draws from the last, incomplete interval of `bound` numbers are rejected.
  const uint64_t incomplete = (0 - bound) % bound;
  uint64_t draw = bits();
  while (draw < incomplete) draw = bits();
  return draw % bound;
}

float Random::gaussian() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  // One draw gives both numbers: 40 bits for the radius, because of its tail, and 24 for the angle.
  const uint64_t draw = bits();
  const auto radius_draw = static_cast<float>(static_cast<double>((draw >> 24) + 1) * 0x1p-40);
  const auto turn = static_cast<float>(draw & 0xffffff) * 0x1p-24f;
  const float radius = std::sqrt(-2.0f * std::log(radius_draw));
  const float angle = turn * (2 * std::numbers::pi_v<float>);
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

std::vector<uint64_t> Random::permutation(uint64_t count) {
  std::vector<uint64_t> order(count);
  std::iota(order.begin(), order.end(), uint64_t{0});
  for (uint64_t i = count; i > 1; --i) std::swap(order[i - 1], order[below(i)]);
  return order;
}

std::vector<uint64_t> Random::choose(uint64_t count, uint64_t chosen) {
  std::vector<uint64_t> order = permutation(count);
  order.resize(std::min(chosen, count));
  std::sort(order.begin(), order.end());
  return order;
}

void add_noise(std::span<float> values, double sd, Random& random) {
  const auto scale = static_cast<float>(sd);
  for (float& value : values) value += scale * random.gaussian();
}

double standard_deviation(std::span<const float> values) {
  if (values.empty()) return 0;
  double sum = 0, squares = 0;
  for (const float value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  for (const float value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

}  // namespace wmk::lab
