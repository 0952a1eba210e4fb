#include "checkpoint/gguf/grids.h"

#include "base/bytes.h"

namespace wmk::checkpoint {

namespace {

// The constants hold valid digits.
uint32_t byte_at(const char* hex) { return *hex_byte({hex, 2}); }

template <size_t Count, size_t Extent, size_t Values>
IqGrid<Count, Extent> unpacked(const char* hex, const int8_t (&map)[Values]) {
  constexpr unsigned kBits = 16 / Extent;  // of one coordinate, in the two bytes of a point
  IqGrid<Count, Extent> grid{};
  for (size_t point = 0; point < Count; ++point) {
    const uint32_t packed = byte_at(hex + 4 * point) | byte_at(hex + 4 * point + 2) << 8;
    for (size_t i = 0; i < Extent; ++i) {
      grid.points[point][i] = map[(packed >> kBits * i & ((1u << kBits) - 1)) % Values];
    }
  }
  return grid;
}

constexpr int8_t kIq1Map[3] = {-1, 0, 1};
constexpr int8_t kIq2Map[3] = {0x08, 0x19, 0x2b};
constexpr int8_t kIq3XxsMap[8] = {0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3e};
constexpr int8_t kIq3SMap[8] = {0x01, 0x03, 0x05, 0x07, 0x09, 0x0b, 0x0d, 0x0f};

}  // namespace

const IqGrid<2048, 8>& iq1_grid() {
  static const auto grid = unpacked<2048, 8>(kIq1Points, kIq1Map);
  return grid;
}

const IqGrid<256, 8>& iq2_xxs_grid() {
  static const auto grid = unpacked<256, 8>(kIq2XxsPoints, kIq2Map);
  return grid;
}

const IqGrid<512, 8>& iq2_xs_grid() {
  static const auto grid = unpacked<512, 8>(kIq2XsPoints, kIq2Map);
  return grid;
}

const IqGrid<1024, 8>& iq2_s_grid() {
  static const auto grid = unpacked<1024, 8>(kIq2SPoints, kIq2Map);
  return grid;
}

const IqGrid<256, 4>& iq3_xxs_grid() {
  static const auto grid = unpacked<256, 4>(kIq3XxsPoints, kIq3XxsMap);
  return grid;
}

const IqGrid<512, 4>& iq3_s_grid() {
  static const auto grid = unpacked<512, 4>(kIq3SPoints, kIq3SMap);
  return grid;
}

const Signs& byte_signs() {
  static const Signs signs = [] {
    Signs out{};
    for (unsigned byte = 0; byte < 256; ++byte) {
      for (unsigned bit = 0; bit < 8; ++bit) out.of[byte][bit] = byte >> bit & 1 ? -1.0f : 1.0f;
    }
    return out;
  }();
  return signs;
}

}  // namespace wmk::checkpoint
