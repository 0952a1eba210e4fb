// FIPS 180-4; see sign/sha256_pair.h.
#include "sign/sha256_pair.h"

#include <algorithm>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace wmk::sign {

namespace {

alignas(16) constexpr std::array<uint32_t, 64> kRoundConstants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

void put_big_endian(std::byte* to, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) to[i] = static_cast<std::byte>(value >> 8 * (bytes - 1 - i));
}

}  // namespace

#if defined(__x86_64__)

#define WMK_SHA __attribute__((target("sha,sse4.1,ssse3"), always_inline)) inline

namespace {

// The eight words as the instructions want them.
struct Registers {
  __m128i abef, cdgh;
};

WMK_SHA Registers load(const ShaState& state) {
  const auto* const words = reinterpret_cast<const __m128i*>(state.words.data());
  const __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(words), 0xB1);
  const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(words + 1), 0x1B);
  return {_mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xF0)};
}

WMK_SHA void store(const Registers& registers, ShaState& state) {
  auto* const words = reinterpret_cast<__m128i*>(state.words.data());
  const __m128i feba = _mm_shuffle_epi32(registers.abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(registers.cdgh, 0xB1);
  _mm_storeu_si128(words, _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128(words + 1, _mm_alignr_epi8(dchg, feba, 8));
}

// The next four words of the message schedule; `w` is a ring of the last sixteen.
WMK_SHA __m128i schedule(const __m128i* w, int step) {
  const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[step & 3], w[(step + 1) & 3]),
                                    _mm_alignr_epi8(w[(step + 3) & 3], w[(step + 2) & 3], 4));
  return _mm_sha256msg2_epu32(sum, w[(step + 3) & 3]);
}

// Compresses block after block of N messages, four rounds of each in turn.
template <int N>
WMK_SHA void compress(ShaState* const* states, const std::byte* const* from, size_t blocks) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  Registers now[N];
  for (int n = 0; n < N; ++n) now[n] = load(*states[n]);
  for (size_t block = 0; block < blocks; ++block) {
    Registers before[N];
    __m128i w[N][4];
    for (int n = 0; n < N; ++n) before[n] = now[n];
#pragma GCC unroll 16
    for (int step = 0; step < 16; ++step) {
      const __m128i constants =
          _mm_load_si128(reinterpret_cast<const __m128i*>(kRoundConstants.data() + 4 * step));
#pragma GCC unroll 2
      for (int n = 0; n < N; ++n) {
        const auto* const words =
            reinterpret_cast<const __m128i*>(from[n] + block * kShaBlockBytes);
        w[n][step & 3] =
            step < 4 ? _mm_shuffle_epi8(_mm_loadu_si128(words + step), swap) : schedule(w[n], step);
        const __m128i message = _mm_add_epi32(w[n][step & 3], constants);
        now[n].cdgh = _mm_sha256rnds2_epu32(now[n].cdgh, now[n].abef, message);
        now[n].abef =
            _mm_sha256rnds2_epu32(now[n].abef, now[n].cdgh, _mm_shuffle_epi32(message, 0x0E));
      }
    }
    for (int n = 0; n < N; ++n) {
      now[n].abef = _mm_add_epi32(now[n].abef, before[n].abef);
      now[n].cdgh = _mm_add_epi32(now[n].cdgh, before[n].cdgh);
    }
  }
  for (int n = 0; n < N; ++n) {
    store(now[n], *states[n]);
    states[n]->blocks += blocks;
  }
}

}  // namespace

bool has_sha_instructions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (b & bit_SHA) == 0) return false;
  return __builtin_cpu_supports("sse4.1") != 0;
}

__attribute__((target("sha,sse4.1,ssse3"))) void absorb_blocks(ShaState& state,
                                                               const std::byte* from,
                                                               size_t blocks) {
  ShaState* const states[] = {&state};
  const std::byte* const data[] = {from};
  compress<1>(states, data, blocks);
}

__attribute__((target("sha,sse4.1,ssse3"))) void absorb_blocks(ShaState& one,
                                                               const std::byte* from_one,
                                                               ShaState& two,
                                                               const std::byte* from_two,
                                                               size_t blocks) {
  ShaState* const states[] = {&one, &two};
  const std::byte* const data[] = {from_one, from_two};
  compress<2>(states, data, blocks);
}

#else

bool has_sha_instructions() { return false; }
void absorb_blocks(ShaState&, const std::byte*, size_t) {}
void absorb_blocks(ShaState&, const std::byte*, ShaState&, const std::byte*, size_t) {}

#endif

Bytes finish(ShaState state, ByteView rest) {
  std::array<std::byte, 2 * kShaBlockBytes> end{};
  std::ranges::copy(rest, end.begin());
  end[rest.size()] = std::byte{0x80};
  const size_t blocks = rest.size() + 9 > kShaBlockBytes ? 2 : 1;
  put_big_endian(end.data() + blocks * kShaBlockBytes - 8,
                 (state.blocks * kShaBlockBytes + rest.size()) * 8, 8);
  absorb_blocks(state, end.data(), blocks);
  Bytes out(32);
  for (size_t i = 0; i < state.words.size(); ++i) {
    put_big_endian(out.data() + 4 * i, state.words[i], 4);
  }
  return out;
}

}  // namespace wmk::sign
