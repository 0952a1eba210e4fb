// The tables of points of the IQ1, IQ2 and IQ3 types of GGUF.
//
// Purpose: a few thousand points of four or eight small numbers, unpacked once. Lifetime: of the
// program. Thread-safety: immutable once made; the first call of each function makes its table.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wmk::checkpoint {

// As text, in gguf_grids_*.cc.
extern const char* const kIq1Points;
extern const char* const kIq2XxsPoints;
extern const char* const kIq2XsPoints;
extern const char* const kIq2SPoints;
extern const char* const kIq3XxsPoints;
extern const char* const kIq3SPoints;

// `Count` points of `Extent` coordinates.
template <size_t Count, size_t Extent>
struct IqGrid {
  int8_t points[Count][Extent];
};

const IqGrid<2048, 8>& iq1_grid();
const IqGrid<256, 8>& iq2_xxs_grid();
const IqGrid<512, 8>& iq2_xs_grid();
const IqGrid<1024, 8>& iq2_s_grid();
const IqGrid<256, 4>& iq3_xxs_grid();
const IqGrid<512, 4>& iq3_s_grid();

// +1 and -1 for each bit of a byte.
struct Signs {
  float of[256][8];
};
const Signs& byte_signs();
// Seven bits to eight: the last sign makes the number of minuses even.
constexpr uint8_t even_signs(uint32_t seven) {
  const uint32_t parity = static_cast<uint32_t>(__builtin_popcount(seven & 127)) & 1;
  return static_cast<uint8_t>((seven & 127) | parity << 7);
}

}  // namespace wmk::checkpoint
