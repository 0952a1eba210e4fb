#include "checkpoint/matrices/number_matrix.h"

#include <algorithm>

#include "base/simd.h"
#include "base/text.h"
#include "checkpoint/numbers/scalar.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::checkpoint {

namespace {

constexpr uint64_t kPackedBytes = 1 << 20;
constexpr uint64_t kPage = 4096;

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
  ByteRows stored_;
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
                     cat("code ", code, " is past the end of its table of ", table.size()));
      }
      value = table[code];
    }
    return {};
  }

 private:
  Numbers codes_;
  Numbers table_;
};

class EncodedMatrix : public Encoding {
 public:
  EncodedMatrix(std::string name, Numbers values, uint64_t stored_bytes)
      : name_(std::move(name)), values_(std::move(values)), stored_bytes_(stored_bytes) {}

  std::string_view name() const override { return name_; }
  uint64_t stored_bytes() const override { return stored_bytes_; }
  Status decode(std::span<const ReadFile> files, const Rectangle& part,
                std::span<float> out) const override {
    return out.empty() ? Status() : values_->read(files, part, out);
  }

 private:
  std::string name_;
  Numbers values_;
  uint64_t stored_bytes_;
};

}  // namespace

Status ByteRows::read(std::span<const ReadFile> files, uint64_t first_row, uint64_t rows,
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
  const uint64_t step = std::max<uint64_t>(1, kPackedBytes / row_bytes);
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

std::shared_ptr<const Encoding> encoding_of(std::string name, Numbers values,
                                            uint64_t stored_bytes) {
  return std::make_shared<EncodedMatrix>(std::move(name), std::move(values), stored_bytes);
}

}  // namespace wmk::checkpoint
