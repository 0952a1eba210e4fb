// Codes in words of 32 bits, and runs that share words or bytes.
#include <algorithm>
#include <array>

#include "base/simd.h"
#include "checkpoint/matrices/packed_numbers.h"

namespace wmk::checkpoint {

namespace {

WMK_VECTORIZED void unpack_words(const std::byte* from, size_t count, unsigned shift, uint32_t mask,
                                 float* out) {
  for (size_t i = 0; i < count; ++i) {
    out[i] =
        static_cast<float>(static_cast<int32_t>(load_le<uint32_t>(from + 4 * i) >> shift & mask));
  }
}

// Codes whose bits are split between two words of a column.
WMK_VECTORIZED void unpack_straddling(const std::byte* low, const std::byte* high, size_t count,
                                      unsigned shift, uint32_t mask, float* out) {
  for (size_t i = 0; i < count; ++i) {
    const uint32_t bits = load_le<uint32_t>(low + 4 * i) >> shift | load_le<uint32_t>(high + 4 * i)
                                                                        << (32 - shift);
    out[i] = static_cast<float>(static_cast<int32_t>(bits & mask));
  }
}

// Half-byte k of a word is element c with order[c] == k.
constexpr std::array<unsigned, 8> kAwqShift = {0, 16, 4, 20, 8, 24, 12, 28};

// Rows of words that hold `each` codes at given shifts.
class InWords : public NumberMatrix {
 public:
  InWords(const Tensor& tensor, unsigned bits, uint64_t rows, uint64_t columns, bool awq)
      : NumberMatrix(rows, columns),
        stored_{tensor.file, tensor.offset, (columns + 32 / bits - 1) / (32 / bits) * 4},
        bits_(bits),
        awq_(awq) {}

  Status read(std::span<const ReadFile> files, const Rectangle& part,
              std::span<float> out) const override {
    const uint64_t each = 32 / bits_;
    const uint64_t first_word = part.first_column / each;
    const uint64_t words = (part.first_column + part.columns - 1) / each + 1 - first_word;
    Bytes bytes;
    auto status = stored_.read(files, part.first_row, part.rows, first_word * 4, words * 4, bytes);
    if (!status) return status;
    const uint32_t mask = (1u << bits_) - 1;
    for (uint64_t r = 0; r < part.rows; ++r) {
      const std::byte* row = bytes.data() + r * words * 4;
      float* to = out.data() + r * part.columns;
      uint64_t at = part.first_column % each;
      uint32_t word = load_le<uint32_t>(row);
      for (uint64_t c = 0; c < part.columns; ++c, ++at) {
        if (at == each) {
          at = 0;
          word = load_le<uint32_t>(row += 4);
        }
        const uint64_t shift = awq_ ? kAwqShift[at] : at * bits_;
        to[c] = static_cast<float>(word >> shift & mask);
      }
    }
    return {};
  }

 private:
  ByteRows stored_;
  unsigned bits_;
  bool awq_;
};

class AlongColumns : public NumberMatrix {
 public:
  AlongColumns(const Tensor& tensor, unsigned bits, uint64_t rows, uint64_t columns, bool gaps)
      : NumberMatrix(rows, columns),
        stored_{tensor.file, tensor.offset, columns * 4},
        bits_(bits),
        each_(gaps ? 32 / bits : 0) {}

  Status read(std::span<const ReadFile> files, const Rectangle& part,
              std::span<float> out) const override {
    const uint64_t first = first_bit(part.first_row);
    const uint64_t last = first_bit(part.first_row + part.rows - 1) + bits_ - 1;
    const uint64_t first_word = first / 32;
    const uint64_t row_bytes = part.columns * 4;
    Bytes bytes;
    auto status = stored_.read(files, first_word, last / 32 - first_word + 1, part.first_column * 4,
                               row_bytes, bytes);
    if (!status) return status;
    const uint32_t mask = (1u << bits_) - 1;
    for (uint64_t r = 0; r < part.rows; ++r) {
      const uint64_t bit = first_bit(part.first_row + r);
      const std::byte* words = bytes.data() + (bit / 32 - first_word) * row_bytes;
      const auto shift = static_cast<unsigned>(bit % 32);
      float* to = out.data() + r * part.columns;
      if (shift + bits_ <= 32) {
        unpack_words(words, part.columns, shift, mask, to);
      } else {
        unpack_straddling(words, words + row_bytes, part.columns, shift, mask, to);
      }
    }
    return {};
  }

 private:
  uint64_t first_bit(uint64_t row) const {
    return each_ ? row / each_ * 32 + row % each_ * bits_ : row * bits_;
  }

  ByteRows stored_;
  unsigned bits_;
  uint64_t each_;
};

class OverEachOther : public NumberMatrix {
 public:
  OverEachOther(const Tensor& tensor, const RunPacking& packing, uint64_t rows, uint64_t columns)
      : NumberMatrix(rows, columns),
        stored_{tensor.file, tensor.offset, tensor.bytes},
        bits_(packing.bits),
        parts_(packing.parts),
        word_bytes_(packing.word_bytes),
        lowest_first_(packing.lowest_first),
        part_elements_(tensor.bytes / packing.word_bytes) {}

  Status read(std::span<const ReadFile> files, const Rectangle& part,
              std::span<float> out) const override {
    const bool whole = part.columns == columns();
    const uint64_t runs = whole ? 1 : part.rows;
    const uint64_t length = whole ? out.size() : part.columns;
    Bytes bytes;
    for (uint64_t run = 0; run < runs; ++run) {
      const uint64_t first = (part.first_row + run) * columns() + part.first_column;
      auto status = read_run(files, first, out.subspan(run * length, length), bytes);
      if (!status) return status;
    }
    return {};
  }

 private:
  Status read_run(std::span<const ReadFile> files, uint64_t first, std::span<float> out,
                  Bytes& bytes) const {
    while (!out.empty()) {
      const uint64_t at = first % part_elements_;
      const uint64_t count = std::min<uint64_t>(out.size(), part_elements_ - at);
      const uint64_t run = first / part_elements_;
      const auto shift = static_cast<unsigned>((lowest_first_ ? run : parts_ - 1 - run) * bits_);
      auto status = stored_.read(files, 0, 1, at * word_bytes_, count * word_bytes_, bytes);
      if (!status) return status;
      const uint32_t mask = (1u << bits_) - 1;
      if (word_bytes_ == 4) {
        unpack_words(bytes.data(), count, shift, mask, out.data());
      } else {
        for (uint64_t i = 0; i < count; ++i) {
          out[i] = static_cast<float>(std::to_integer<uint32_t>(bytes[i]) >> shift & mask);
        }
      }
      first += count;
      out = out.subspan(count);
    }
    return {};
  }

  ByteRows stored_;
  unsigned bits_;
  unsigned parts_;
  unsigned word_bytes_;
  bool lowest_first_;
  uint64_t part_elements_;
};

}  // namespace

Numbers packed_in_words(const Tensor& tensor, unsigned bits, uint64_t rows, uint64_t columns) {
  return std::make_shared<InWords>(tensor, bits, rows, columns, false);
}

Numbers packed_along_columns(const Tensor& tensor, unsigned bits, uint64_t rows, uint64_t columns,
                             bool gaps) {
  return std::make_shared<AlongColumns>(tensor, bits, rows, columns, gaps);
}

Numbers packed_awq(const Tensor& tensor, uint64_t rows, uint64_t columns) {
  return std::make_shared<InWords>(tensor, 4, rows, columns, true);
}

Numbers packed_over_each_other(const Tensor& tensor, const RunPacking& packing, uint64_t rows,
                               uint64_t columns) {
  return std::make_shared<OverEachOther>(tensor, packing, rows, columns);
}

}  // namespace wmk::checkpoint
