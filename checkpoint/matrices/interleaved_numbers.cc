#include "checkpoint/matrices/interleaved_numbers.h"

#include <array>

namespace wmk::checkpoint {

namespace {

// Where input k of a tile is in its 64 bytes: sixteen inputs are dealt out in pairs to four words,
// and the two bytes in the middle of each word change places.
constexpr std::array<uint8_t, kInterleavedTile> tile_places() {
  std::array<uint8_t, kInterleavedTile> out{};
  for (unsigned place = 0; place < kInterleavedTile; ++place) {
    const unsigned t = place % 16;
    const unsigned input = place / 16 * 16 + t % 4 / 2 * 8 + t % 2 + t / 4 * 2;
    const unsigned in_word = place % 4 == 1 ? 2 : place % 4 == 2 ? 1 : place % 4;
    out[input] = static_cast<uint8_t>(place / 4 * 4 + in_word);
  }
  return out;
}

constexpr std::array<uint8_t, kInterleavedTile> kTilePlaces = tile_places();

// Outputs are stored in pairs, whose tiles alternate.
class Interleaved : public NumberMatrix {
 public:
  Interleaved(const Tensor& tensor, uint64_t out, uint64_t in)
      : NumberMatrix(out, in), pairs_{tensor.file, tensor.offset, 2 * in} {}

  Status read(std::span<const ReadFile> files, const Rectangle& part,
              std::span<float> out) const override {
    const uint64_t first_pair = part.first_row / 2;
    const uint64_t pairs = (part.first_row + part.rows - 1) / 2 + 1 - first_pair;
    const uint64_t first_tile = part.first_column / kInterleavedTile;
    const uint64_t tiles =
        (part.first_column + part.columns - 1) / kInterleavedTile + 1 - first_tile;
    Bytes bytes;
    auto status = pairs_.read(files, first_pair, pairs, first_tile * 2 * kInterleavedTile,
                              tiles * 2 * kInterleavedTile, bytes);
    if (!status) return status;
    for (uint64_t r = 0; r < part.rows; ++r) {
      const uint64_t row = part.first_row + r;
      const std::byte* from = bytes.data() + (row / 2 - first_pair) * tiles * 2 * kInterleavedTile +
                              row % 2 * kInterleavedTile;
      float* to = out.data() + r * part.columns;
      for (uint64_t c = 0; c < part.columns; ++c) {
        const uint64_t column = part.first_column + c;
        const uint64_t at = (column / kInterleavedTile - first_tile) * 2 * kInterleavedTile +
                            kTilePlaces[column % kInterleavedTile];
        to[c] = static_cast<float>(std::to_integer<int>(from[at]) - 128);
      }
    }
    return {};
  }

 private:
  ByteRows pairs_;
};

}  // namespace

Numbers interleaved_numbers(const Tensor& tensor, uint64_t out, uint64_t in) {
  return std::make_shared<Interleaved>(tensor, out, in);
}

}  // namespace wmk::checkpoint
