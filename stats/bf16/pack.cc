#include "stats/bf16/pack.h"

#include <bit>
#include <cstring>
#include <vector>

#include "base/bytes.h"
#include "base/simd.h"

namespace wmk::stats {

namespace {

uint32_t bits_of(float value) { return std::bit_cast<uint32_t>(value); }

WMK_VECTORIZED void upper_halves(const float* values, size_t count, uint16_t* out) {
  for (size_t i = 0; i < count; ++i) out[i] = static_cast<uint16_t>(bits_of(values[i]) >> 16);
}

WMK_VECTORIZED void nearest_halves(const float* values, size_t count, uint16_t* out) {
  for (size_t i = 0; i < count; ++i) {
    out[i] = static_cast<uint16_t>(bits_of(nearest_bf16(values[i])) >> 16);
  }
}

template <class Convert>
void pack_rows(const float* matrix, size_t m, size_t k, Convert convert, LeftOperand& out) {
  out.resize(m, k);
  std::vector<uint16_t> row(k);
  for (size_t i = 0; i < m; ++i) {
    convert(matrix + i * k, k, row.data());
    out.set_row(i, row.data());
  }
}

WMK_VECTORIZED void upper_pairs(const float* upper, const float* lower, uint32_t* words) {
  for (size_t i = 0; i < 16; ++i) {
    words[i] = (bits_of(lower[i]) & 0xFFFF0000u) | bits_of(upper[i]) >> 16;
  }
}

WMK_VECTORIZED void nearest_pairs(const float* upper, const float* lower, uint32_t* words) {
  for (size_t i = 0; i < 16; ++i) {
    words[i] = bits_of(nearest_bf16(lower[i])) | bits_of(nearest_bf16(upper[i])) >> 16;
  }
}

WMK_VECTORIZED void split_all(const float* values, size_t count, uint16_t* high, uint16_t* low) {
  for (size_t i = 0; i < count; ++i) {
    const Split split = split_bf16(values[i]);
    high[i] = split.high;
    low[i] = split.low;
  }
}

void pack_split(const float* matrix, size_t m, size_t k, LeftOperand& high, LeftOperand& low) {
  high.resize(m, k);
  low.resize(m, k);
  std::vector<uint16_t> high_row(k), low_row(k);
  for (size_t i = 0; i < m; ++i) {
    split_all(matrix + i * k, k, high_row.data(), low_row.data());
    high.set_row(i, high_row.data());
    low.set_row(i, low_row.data());
  }
}

// Tiles of both sides are sixteen rows of sixteen words.
void transpose_tile(const void* from, void* to) {
  for (size_t i = 0; i < 16; ++i) {
    for (size_t j = 0; j < 16; ++j) {
      std::memcpy(static_cast<std::byte*>(to) + 4 * (16 * j + i),
                  static_cast<const std::byte*>(from) + 4 * (16 * i + j), 4);
    }
  }
}

}  // namespace

void pack_exact(const float* matrix, size_t m, size_t k, LeftOperand& out) {
  pack_rows(matrix, m, k, upper_halves, out);
}

void pack_rounded(const float* matrix, size_t m, size_t k, LeftOperand& out) {
  pack_rows(matrix, m, k, nearest_halves, out);
}

void pack_exact(const float* matrix, size_t k, size_t n, RightOperand& out) {
  out.resize(k, n);
  for (size_t i = 0; i < k; i += 2) {
    const float* row = matrix + i * n;
    for (size_t j = 0; j < n; j += 16) upper_pairs(row + j, row + n + j, out.pair_words(i, j));
  }
}

void pack_rounded_rows(const float* matrix, size_t first, size_t count, RightOperand& out) {
  const size_t n = out.n();
  for (size_t i = first; i < first + count; i += 2) {
    const float* row = matrix + i * n;
    for (size_t j = 0; j < n; j += 16) nearest_pairs(row + j, row + n + j, out.pair_words(i, j));
  }
}

void pack(const float* matrix, size_t m, size_t k, TilePrecision precision, LeftOperand& high,
          LeftOperand& low) {
  if (precision == TilePrecision::two_terms) return pack_split(matrix, m, k, high, low);
  pack_rounded(matrix, m, k, high);
  low.resize(0, 0);
}

void transpose(const LeftOperand& rows, RightOperand& out) {
  out.resize(rows.k(), rows.m());
  transpose(rows, 0, out);
}

void transpose(const LeftOperand& rows, size_t first, RightOperand& out) {
  for (size_t r = 0; r < rows.m(); r += 16) {
    for (size_t k = 0; k < rows.k(); k += 32) {
      transpose_tile(rows.part(r, k), out.pair_words(k, first + r));
    }
  }
}

void transpose(const RightOperand& columns, LeftOperand& out) {
  transpose(columns, 0, columns.n(), out);
}

void transpose(const RightOperand& columns, size_t first, size_t count, LeftOperand& out) {
  out.resize(count, columns.k());
  for (size_t r = 0; r < count; r += 16) {
    for (size_t k = 0; k < columns.k(); k += 32) {
      transpose_tile(columns.word(k, first + r), out.part(r, k));
    }
  }
}

}  // namespace wmk::stats
