#include "embed/scheme/rounding.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/bytes.h"
#include "base/simd.h"
#include "base/text.h"
#include "checkpoint/numbers/widen.h"
#include "crypto/blake2b.h"

namespace wmk::embed {

namespace {

using checkpoint::DType;

inline uint64_t splitmix64(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// Rounds the magnitude of a float to a type with fewer bits; `code_max` is the code of its largest
// finite value. Codes are ordered like their values, so the next value up has the next code.
uint32_t round_magnitude(float magnitude, int exponent_bits, int mantissa_bits, uint32_t code_max,
                         uint16_t random) {
  if (!std::isfinite(magnitude)) return code_max;
  const int bias = (1 << (exponent_bits - 1)) - 1;
  // The spacing of codes near the value: that of its binade, and at least that of the denormals.
  const int exponent = std::max(std::ilogb(std::max(magnitude, 0x1p-126f)), 1 - bias);
  const double steps = std::ldexp(static_cast<double>(magnitude), mantissa_bits - exponent);
  const double whole = std::floor(steps);
  const auto fraction = static_cast<uint32_t>((steps - whole) * 65536);
  // Denormals start from code 0 at the smallest exponent; the leading bit of a normal number adds
  // one binade of codes.
  const auto code =
      static_cast<uint32_t>(whole) + (static_cast<uint32_t>(exponent + bias - 1) << mantissa_bits);
  return std::min(code + (fraction + random >= 65536 ? 1u : 0u), code_max);
}

struct SmallFloat {
  int exponent_bits, mantissa_bits;
  uint32_t code_max, sign_bit;
};

SmallFloat layout(DType type) {
  if (type == DType::f16) return {5, 10, 0x7BFF, 0x8000};
  if (type == DType::f8_e5m2) return {5, 2, 0x7B, 0x80};
  return {4, 3, 0x7E, 0x80};
}

// A random word serves four elements, starting from its low bits: the order of its bytes in memory.
static_assert(std::endian::native == std::endian::little);
constexpr size_t kGroupsAtOnce = 512;

WMK_VECTORIZED void random_words(uint64_t seed, size_t count, uint64_t* words) {
  for (size_t i = 0; i < count; ++i) words[i] = splitmix64(seed + i);
}

WMK_VECTORIZED void add_rounded_bf16(std::byte* bytes, size_t count, const float* delta,
                                     const std::byte* random) {
  for (size_t i = 0; i < count; ++i) {
    const auto stored = load_le<uint16_t>(bytes + 2 * i);
    const float sum = std::bit_cast<float>(static_cast<uint32_t>(stored) << 16) + delta[i];
    const uint32_t bits = std::bit_cast<uint32_t>(sum) + load_le<uint16_t>(random + 2 * i);
    // Instead of infinity, take the largest finite value.
    const uint32_t overflow = (bits & 0x7F800000u) == 0x7F800000u ? 0x10000u : 0u;
    const bool unchanged = std::bit_cast<uint32_t>(delta[i]) << 1 == 0;  // +0 or -0
    const auto out = static_cast<uint16_t>(blend(unchanged, stored, (bits - overflow) >> 16));
    std::memcpy(bytes + 2 * i, &out, 2);
  }
}

void add_rounded_bf16(std::byte* bytes, size_t count, const float* delta, uint64_t seed,
                      uint64_t first_index) {
  std::array<uint64_t, kGroupsAtOnce> words;
  while (count > 0) {
    const size_t skipped = first_index % 4;
    const size_t now = std::min(count, 4 * kGroupsAtOnce - skipped);
    random_words(seed + first_index / 4, (skipped + now + 3) / 4, words.data());
    add_rounded_bf16(bytes, now, delta,
                     reinterpret_cast<const std::byte*>(words.data()) + 2 * skipped);
    bytes += 2 * now;
    delta += now;
    first_index += now;
    count -= now;
  }
}

}  // namespace

uint64_t rounding_seed(const crypto::SecretBytes& key, std::string_view tensor_name) {
  std::array<std::byte, 16> hash;
  crypto::blake2b(key.reveal(), as_bytes(cat("rounding/", tensor_name)), hash);
  return load_le<uint64_t>(hash.data());
}

uint16_t rounding_bits(uint64_t seed, uint64_t index) {
  return static_cast<uint16_t>(splitmix64(seed + index / 4) >> (16 * (index % 4)));
}

uint32_t round_stochastic(DType type, float value, uint16_t random) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if (type == DType::f32) return bits;
  if (type == DType::bf16) {
    const uint32_t sum = (bits & 0x7FFFFFFFu) + random;
    return (bits >> 16 & 0x8000u) | std::min(sum >> 16, 0x7F7Fu);
  }
  const SmallFloat small = layout(type);
  const uint32_t sign = (bits >> 31) != 0 ? small.sign_bit : 0;
  return sign | round_magnitude(std::abs(value), small.exponent_bits, small.mantissa_bits,
                                small.code_max, random);
}

void add_rounded(DType type, std::byte* bytes, size_t count, size_t step, const float* delta,
                 uint64_t seed, uint64_t first_index) {
  if (type == DType::bf16 && step == 1) {
    return add_rounded_bf16(bytes, count, delta, seed, first_index);
  }
  const size_t element_bytes = checkpoint::bits(type) / 8;
  for (size_t i = 0; i < count; ++i) {
    if (delta[i] == 0) continue;
    std::byte* at = bytes + i * step * element_bytes;
    float value;
    checkpoint::widen(type, {at, element_bytes}, {&value, 1});
    const uint16_t random = rounding_bits(seed, first_index + i * step);
    const uint32_t out = round_stochastic(type, value + delta[i], random);
    std::memcpy(at, &out, element_bytes);
  }
}

}  // namespace wmk::embed
