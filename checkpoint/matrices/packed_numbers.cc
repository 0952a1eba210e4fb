#include "checkpoint/matrices/packed_numbers.h"

#include "base/simd.h"

namespace wmk::checkpoint {

namespace {

uint8_t byte_at(const std::byte* from, uint64_t i) { return std::to_integer<uint8_t>(from[i]); }

WMK_VECTORIZED void unpack_halves(const std::byte* from, size_t pairs, float* out) {
  for (size_t i = 0; i < pairs; ++i) {
    const auto both = std::to_integer<uint32_t>(from[i]);
    out[2 * i] = static_cast<float>(both & 15);
    out[2 * i + 1] = static_cast<float>(both >> 4);
  }
}

WMK_VECTORIZED void unpack_high_first(const std::byte* from, size_t pairs, float* out) {
  for (size_t i = 0; i < pairs; ++i) {
    const auto both = std::to_integer<uint32_t>(from[i]);
    out[2 * i] = static_cast<float>(both >> 4);
    out[2 * i + 1] = static_cast<float>(both & 15);
  }
}

WMK_VECTORIZED void unpack_bytes(const std::byte* from, size_t count, float* out) {
  for (size_t i = 0; i < count; ++i) {
    out[i] = static_cast<float>(std::to_integer<uint8_t>(from[i]));
  }
}

// Codes from bit `first` of `from`. A code is in at most two bytes.
void unpack_bits(const std::byte* from, unsigned bits, uint64_t first, std::span<float> out) {
  const uint32_t mask = (1u << bits) - 1;
  for (size_t i = 0; i < out.size(); ++i) {
    const uint64_t at = first + i * bits;
    uint32_t both = byte_at(from, at / 8);
    if (at % 8 + bits > 8) both |= static_cast<uint32_t>(byte_at(from, at / 8 + 1)) << 8;
    out[i] = static_cast<float>(both >> at % 8 & mask);
  }
}

class AlongRows : public NumberMatrix {
 public:
  AlongRows(const Tensor& tensor, unsigned bits, uint64_t rows, uint64_t columns, uint64_t row_bits,
            bool high_first)
      : NumberMatrix(rows, columns),
        file_(tensor.file),
        offset_(tensor.offset),
        bits_(bits),
        row_bits_(row_bits),
        high_first_(high_first) {}

  Status read(std::span<const ReadFile> files, const Rectangle& part,
              std::span<float> out) const override {
    const uint64_t first = part.first_column * bits_;
    const uint64_t end = first + part.columns * bits_;
    Bytes bytes;
    if (row_bits_ % 8 == 0) {
      const uint64_t first_byte = first / 8;
      const uint64_t count = (end + 7) / 8 - first_byte;
      auto status = ByteRows{file_, offset_, row_bits_ / 8}.read(files, part.first_row, part.rows,
                                                                 first_byte, count, bytes);
      if (!status) return status;
      const bool touching = count * 8 == part.columns * bits_;
      const uint64_t runs = touching ? 1 : part.rows;
      const uint64_t length = touching ? out.size() : part.columns;
      for (uint64_t run = 0; run < runs; ++run) {
        unpack(bytes.data() + run * count, first % 8, out.subspan(run * length, length));
      }
      return {};
    }
    for (uint64_t r = 0; r < part.rows; ++r) {
      const uint64_t bit = (part.first_row + r) * row_bits_ + first;
      bytes.resize((bit % 8 + part.columns * bits_ + 7) / 8);
      auto status = files[file_].read_at(offset_ + bit / 8, bytes);
      if (!status) return status;
      unpack(bytes.data(), bit % 8, out.subspan(r * part.columns, part.columns));
    }
    return {};
  }

 private:
  void unpack(const std::byte* from, uint64_t first, std::span<float> out) const {
    if (high_first_) {
      if (first != 0) {
        out[0] = static_cast<float>(byte_at(from++, 0) & 15);
        out = out.subspan(1);
      }
      unpack_high_first(from, out.size() / 2, out.data());
      if (out.size() % 2 != 0) {
        out.back() = static_cast<float>(byte_at(from, out.size() / 2) >> 4);
      }
      return;
    }
    uint64_t done = 0;
    if (first == 0 && bits_ == 4) {
      unpack_halves(from, out.size() / 2, out.data());
      done = out.size() / 2 * 2;
    } else if (first == 0 && bits_ == 8) {
      unpack_bytes(from, out.size(), out.data());
      done = out.size();
    }
    unpack_bits(from, bits_, first + done * bits_, out.subspan(done));
  }

  uint32_t file_;
  uint64_t offset_;
  unsigned bits_;
  uint64_t row_bits_;
  bool high_first_;
};

class RowPairs : public NumberMatrix {
 public:
  RowPairs(const Tensor& tensor, uint64_t rows, uint64_t columns)
      : NumberMatrix(rows, columns), pairs_{tensor.file, tensor.offset, columns} {}

  Status read(std::span<const ReadFile> files, const Rectangle& part,
              std::span<float> out) const override {
    const uint64_t first_pair = part.first_row / 2;
    const uint64_t pairs = (part.first_row + part.rows - 1) / 2 + 1 - first_pair;
    Bytes bytes;
    auto status = pairs_.read(files, first_pair, pairs, part.first_column, part.columns, bytes);
    if (!status) return status;
    for (uint64_t r = 0; r < part.rows; ++r) {
      const uint64_t row = part.first_row + r;
      const std::byte* from = bytes.data() + (row / 2 - first_pair) * part.columns;
      const unsigned shift = row % 2 * 4;
      for (uint64_t c = 0; c < part.columns; ++c) {
        out[r * part.columns + c] = static_cast<float>(byte_at(from, c) >> shift & 15);
      }
    }
    return {};
  }

 private:
  ByteRows pairs_;
};

}  // namespace

Numbers packed_along_rows(const Tensor& tensor, unsigned bits, uint64_t rows, uint64_t columns,
                          uint64_t row_bits) {
  return std::make_shared<AlongRows>(tensor, bits, rows, columns, row_bits, false);
}

Numbers packed_in_row_pairs(const Tensor& tensor, uint64_t rows, uint64_t columns) {
  return std::make_shared<RowPairs>(tensor, rows, columns);
}

Numbers packed_high_first(const Tensor& tensor, uint64_t rows, uint64_t columns) {
  return std::make_shared<AlongRows>(tensor, 4, rows, columns, columns * 4, true);
}

}  // namespace wmk::checkpoint
