#include "checkpoint/number_matrix.h"

#include <algorithm>

#include "base/simd.h"
#include "base/text.h"
#include "checkpoint/scalar.h"
#include "checkpoint/widen.h"

namespace wmk::checkpoint {

namespace {

constexpr uint64_t kReadBytes = 1 << 20;
constexpr uint64_t kPage = 4096;
// Floats of one step of turning: rows of the source that are then cheap to gather.
constexpr uint64_t kTurnedFloats = 1 << 19;
constexpr uint64_t kTile = 32;
constexpr uint64_t kShortRow = 4096;

template <class T>
void widen_integers(const std::byte* from, std::span<float> out) {
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(load_le<T>(from + i * sizeof(T)));
  }
}

WMK_VECTORIZED void widen_i8(const std::byte* from, size_t count, float* out) {
  for (size_t i = 0; i < count; ++i) {
    out[i] = static_cast<float>(static_cast<int8_t>(std::to_integer<uint8_t>(from[i])));
  }
}

WMK_VECTORIZED void widen_u8(const std::byte* from, size_t count, float* out) {
  for (size_t i = 0; i < count; ++i) {
    out[i] = static_cast<float>(std::to_integer<uint8_t>(from[i]));
  }
}

void numbers_of(DType type, const Bytes& bytes, std::span<float> out) {
  switch (type) {
    case DType::i8:
      return widen_i8(bytes.data(), out.size(), out.data());
    case DType::u8:
      return widen_u8(bytes.data(), out.size(), out.data());
    case DType::i16:
      return widen_integers<int16_t>(bytes.data(), out);
    case DType::i32:
      return widen_integers<int32_t>(bytes.data(), out);
    default:
      return widen(type, bytes, out);
  }
}

class Plain : public NumberMatrix {
 public:
  Plain(const Tensor& tensor, uint64_t rows, uint64_t columns)
      : NumberMatrix(rows, columns),
        type_(tensor.dtype),
        stored_{tensor.file, tensor.offset, columns * (bits(tensor.dtype) / 8)} {}

  Status read(std::span<const ReadFile> files, const Rectangle& part,
              std::span<float> out) const override {
    const uint64_t size = bits(type_) / 8;
    Bytes bytes;
    auto status = stored_.read(files, part.first_row, part.rows, part.first_column * size,
                               part.columns * size, bytes);
    if (status) numbers_of(type_, bytes, out);
    return status;
  }

 private:
  DType type_;
  StoredRows stored_;
};

class Constant : public NumberMatrix {
 public:
  explicit Constant(float value) : NumberMatrix(1, 1), value_(value) {}
  Status read(std::span<const ReadFile>, const Rectangle&, std::span<float> out) const override {
    std::fill(out.begin(), out.end(), value_);
    return {};
  }

 private:
  float value_;
};

class Listed : public NumberMatrix {
 public:
  explicit Listed(std::vector<float> values)
      : NumberMatrix(1, values.size()), values_(std::move(values)) {}
  Status read(std::span<const ReadFile>, const Rectangle& part,
              std::span<float> out) const override {
    std::copy_n(values_.begin() + part.first_column, part.columns, out.begin());
    return {};
  }

 private:
  std::vector<float> values_;
};

class LookedUp : public NumberMatrix {
 public:
  LookedUp(Numbers codes, Numbers table)
      : NumberMatrix(codes->rows(), codes->columns()),
        codes_(std::move(codes)),
        table_(std::move(table)) {}

  Status read(std::span<const ReadFile> files, const Rectangle& part,
              std::span<float> out) const override {
    std::vector<float> table(table_->columns());
    auto status = table_->read(files, {0, 1, 0, table.size()}, table);
    if (status) status = codes_->read(files, part, out);
    if (!status) return status;
    for (float& value : out) {
      const auto code = static_cast<size_t>(value);
      if (code >= table.size()) {
        return Error(ErrorCode::malformed,
                     cat("code ", code, " is behind its table of ", table.size()));
      }
      value = table[code];
    }
    return {};
  }

 private:
  Numbers codes_;
  Numbers table_;
};

// to[c][r] = from[r][c]: `from` is rows x columns, rows of `to` are `stride` apart. Small tiles, so
// that both sides stay in the first cache.
void turn(const float* from, uint64_t rows, uint64_t columns, float* to, uint64_t stride) {
  for (uint64_t r0 = 0; r0 < rows; r0 += kTile) {
    const uint64_t r1 = std::min(rows, r0 + kTile);
    for (uint64_t c0 = 0; c0 < columns; c0 += kTile) {
      const uint64_t c1 = std::min(columns, c0 + kTile);
      for (uint64_t c = c0; c < c1; ++c) {
        for (uint64_t r = r0; r < r1; ++r) to[c * stride + r] = from[r * columns + c];
      }
    }
  }
}

class Turned : public NumberMatrix {
 public:
  Turned(Numbers source, uint64_t slabs)
      : NumberMatrix(source->columns() * slabs, source->rows() / slabs),
        source_(std::move(source)),
        slabs_(slabs) {}

  Status read(std::span<const ReadFile> files, const Rectangle& part,
              std::span<float> out) const override {
    const uint64_t slab_rows = rows() / slabs_;
    std::vector<float> step;
    for (uint64_t row = 0; row < part.rows;) {
      const uint64_t at = part.first_row + row;
      const uint64_t count = std::min(part.rows - row, slab_rows - at % slab_rows);
      const Rectangle inner{at / slab_rows * columns() + part.first_column, part.columns,
                            at % slab_rows, count};
      auto status = read_slab(files, inner, out.subspan(row * part.columns), step);
      if (!status) return status;
      row += count;
    }
    return {};
  }

 private:
  // `inner` is a rectangle of the source. Its rows come in steps of whole tiles.
  Status read_slab(std::span<const ReadFile> files, const Rectangle& inner, std::span<float> out,
                   std::vector<float>& step) const {
    const uint64_t tiles = std::max<uint64_t>(1, kTurnedFloats / inner.columns / kTile);
    for (uint64_t row = 0; row < inner.rows; row += tiles * kTile) {
      const uint64_t rows = std::min(tiles * kTile, inner.rows - row);
      step.resize(rows * inner.columns);
      auto status = source_->read(
          files, {inner.first_row + row, rows, inner.first_column, inner.columns}, step);
      if (!status) return status;
      turn(step.data(), rows, inner.columns, out.data() + row, inner.rows);
    }
    return {};
  }

  Numbers source_;
  uint64_t slabs_;
};

class Reshaped : public NumberMatrix {
 public:
  Reshaped(Numbers source, uint64_t rows, uint64_t columns)
      : NumberMatrix(rows, columns), source_(std::move(source)) {}

  Status read(std::span<const ReadFile> files, const Rectangle& part,
              std::span<float> out) const override {
    if (part.columns == columns()) return read_run(files, part.first_row * columns(), out);
    if (columns() <= kShortRow) return read_short_rows(files, part, out);
    for (uint64_t r = 0; r < part.rows; ++r) {
      const uint64_t first = (part.first_row + r) * columns() + part.first_column;
      auto status = read_run(files, first, out.subspan(r * part.columns, part.columns));
      if (!status) return status;
    }
    return {};
  }

 private:
  // Whole rows, some at a time, of which the columns are cut out: cheaper than many small reads.
  Status read_short_rows(std::span<const ReadFile> files, const Rectangle& part,
                         std::span<float> out) const {
    const uint64_t step = std::max<uint64_t>(1, (1 << 16) / columns());
    std::vector<float> run;
    for (uint64_t r = 0; r < part.rows; r += step) {
      const uint64_t some = std::min(step, part.rows - r);
      run.resize(some * columns());
      auto status = read_run(files, (part.first_row + r) * columns(), run);
      if (!status) return status;
      for (uint64_t i = 0; i < some; ++i) {
        std::copy_n(run.begin() + i * columns() + part.first_column, part.columns,
                    out.begin() + (r + i) * part.columns);
      }
    }
    return {};
  }

  // The rest of a begun row of the source, whole rows, a begun row.
  Status read_run(std::span<const ReadFile> files, uint64_t first, std::span<float> out) const {
    const uint64_t width = source_->columns();
    while (!out.empty()) {
      Rectangle part{first / width, 1, first % width, width};
      if (part.first_column == 0 && out.size() >= width) {
        part.rows = out.size() / width;
      } else {
        part.columns = std::min<uint64_t>(width - part.first_column, out.size());
      }
      const uint64_t count = part.rows * part.columns;
      auto status = source_->read(files, part, out.first(count));
      if (!status) return status;
      first += count;
      out = out.subspan(count);
    }
    return {};
  }

  Numbers source_;
};

}  // namespace

Status StoredRows::read(std::span<const ReadFile> files, uint64_t first_row, uint64_t rows,
                        uint64_t first_byte, uint64_t count, Bytes& out) const {
  out.resize(rows * count);
  const ReadFile& from = files[file];
  const uint64_t begin = offset + first_row * row_bytes + first_byte;
  if (count == row_bytes || rows == 1) return from.read_at(begin, out);
  if (row_bytes > kPage && row_bytes > 2 * count) {
    for (uint64_t row = 0; row < rows; ++row) {
      auto status =
          from.read_at(begin + row * row_bytes, std::span(out).subspan(row * count, count));
      if (!status) return status;
    }
    return {};
  }
  const uint64_t step = std::max<uint64_t>(1, kReadBytes / row_bytes);
  Bytes run;
  for (uint64_t row = 0; row < rows; row += step) {
    const uint64_t some = std::min(step, rows - row);
    run.resize((some - 1) * row_bytes + count);
    auto status = from.read_at(begin + row * row_bytes, run);
    if (!status) return status;
    for (uint64_t r = 0; r < some; ++r) {
      std::memcpy(out.data() + (row + r) * count, run.data() + r * row_bytes, count);
    }
  }
  return {};
}

bool has_number_value(DType type) {
  return has_float_value(type) || type == DType::i8 || type == DType::u8 || type == DType::i16 ||
         type == DType::i32;
}

Numbers plain_numbers(const Tensor& tensor, uint64_t rows, uint64_t columns) {
  return std::make_shared<Plain>(tensor, rows, columns);
}

Numbers constant_numbers(float value) { return std::make_shared<Constant>(value); }

Numbers listed_numbers(std::vector<float> values) {
  return std::make_shared<Listed>(std::move(values));
}

Numbers looked_up(Numbers codes, Numbers table) {
  return std::make_shared<LookedUp>(std::move(codes), std::move(table));
}

Numbers turned(Numbers numbers, uint64_t slabs) {
  return std::make_shared<Turned>(std::move(numbers), slabs);
}

Numbers reshaped(Numbers numbers, uint64_t rows, uint64_t columns) {
  return std::make_shared<Reshaped>(std::move(numbers), rows, columns);
}

}  // namespace wmk::checkpoint
