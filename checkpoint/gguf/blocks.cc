#include "checkpoint/gguf/blocks.h"

#include <algorithm>

#include "base/bytes.h"

namespace wmk::checkpoint {

namespace {

// Bytes per read: enough for a disk, and few enough to stay in the cache until they are decoded.
constexpr uint64_t kChunkBytes = 256 << 10;
// Whole rows are read if the wanted part is at least this share of them.
constexpr uint64_t kWholeRowShare = 4;

class Blocks : public Encoding {
 public:
  Blocks(const GgufType& type, const GgufPlace& place) : type_(type), place_(place) {}

  std::string_view name() const override { return type_.name; }
  uint64_t stored_bytes() const override { return place_.bytes; }
  Status decode(std::span<const ReadFile> files, const Rectangle& part,
                std::span<float> out) const override;

 protected:
  uint64_t row_bytes() const { return place_.columns / type_.elements * type_.bytes; }

 private:
  void decode_row(const std::byte* blocks, const Rectangle& part, float* out) const;

  GgufType type_;
  GgufPlace place_;
};

// `blocks` begins with the block of the first column of the part.
void Blocks::decode_row(const std::byte* blocks, const Rectangle& part, float* out) const {
  constexpr uint64_t kElementsMax = 256;
  float one[kElementsMax];
  uint64_t skipped = part.first_column % type_.elements;
  for (uint64_t left = part.columns; left > 0;) {
    const uint64_t whole = skipped == 0 ? left / type_.elements : 0;
    uint64_t count = whole * type_.elements;
    if (whole > 0) {
      type_.decode(blocks, whole, out);
    } else {
      type_.decode(blocks, 1, one);
      count = std::min(left, type_.elements - skipped);
      std::copy_n(one + skipped, count, out);
      skipped = 0;
    }
    blocks += std::max<uint64_t>(whole, 1) * type_.bytes;
    out += count;
    left -= count;
  }
}

Status Blocks::decode(std::span<const ReadFile> files, const Rectangle& part,
                      std::span<float> out) const {
  if (part.rows == 0 || part.columns == 0) return {};
  const ReadFile& file = files[place_.file];
  const uint64_t first_block = part.first_column / type_.elements;
  const uint64_t end_block =
      (part.first_column + part.columns + type_.elements - 1) / type_.elements;
  const uint64_t part_bytes = (end_block - first_block) * type_.bytes;
  // Bytes from one row of the buffer to the next, and those of the row before the part.
  const bool whole_rows = part_bytes >= row_bytes() / kWholeRowShare;
  const uint64_t step = whole_rows ? row_bytes() : part_bytes;
  const uint64_t lead = whole_rows ? first_block * type_.bytes : 0;
  const uint64_t rows_at_once =
      whole_rows ? std::clamp<uint64_t>(kChunkBytes / step, 1, part.rows) : 1;
  Bytes buffer(rows_at_once * step);
  float* to = out.data();
  for (uint64_t row = 0; row < part.rows; row += rows_at_once) {
    const uint64_t rows = std::min(rows_at_once, part.rows - row);
    const uint64_t from = place_.offset + (part.first_row + row) * row_bytes() +
                          (whole_rows ? 0 : first_block * type_.bytes);
    if (auto status = file.read_at(from, std::span(buffer).first(rows * step)); !status) {
      return status;
    }
    if (part.columns == place_.columns) {
      type_.decode(buffer.data(), rows * (place_.columns / type_.elements), to);
    } else {
      for (uint64_t r = 0; r < rows; ++r) {
        decode_row(buffer.data() + r * step + lead, part, to + r * part.columns);
      }
    }
    to += rows * part.columns;
  }
  return {};
}

// The rows of a vector (a bias) are single values.
class RotaryRows : public Blocks {
 public:
  RotaryRows(const GgufType& type, const GgufPlace& place, uint64_t rows, uint64_t heads)
      : Blocks(type, place), half_(rows / heads / 2), is_vector_(row_bytes() == place.bytes) {}

  Status decode(std::span<const ReadFile> files, const Rectangle& part,
                std::span<float> out) const override {
    const uint64_t count = is_vector_ ? part.columns : part.rows;
    const uint64_t each = is_vector_ ? 1 : part.columns;
    for (uint64_t i = 0; i < count; ++i) {
      Rectangle one = part;
      (is_vector_ ? one.first_column : one.first_row) =
          stored_row((is_vector_ ? part.first_column : part.first_row) + i);
      (is_vector_ ? one.columns : one.rows) = 1;
      auto status = Blocks::decode(files, one, out.subspan(i * each, each));
      if (!status) return status;
    }
    return {};
  }

 private:
  uint64_t stored_row(uint64_t row) const {
    const uint64_t head = row / (2 * half_), inside = row % (2 * half_);
    return head * 2 * half_ + 2 * (inside % half_) + inside / half_;
  }

  uint64_t half_;
  bool is_vector_;
};

}  // namespace

std::shared_ptr<const Encoding> gguf_blocks(const GgufType& type, const GgufPlace& place) {
  return std::make_shared<Blocks>(type, place);
}

std::shared_ptr<const Encoding> gguf_rotary_rows(const GgufType& type, const GgufPlace& place,
                                                 uint64_t rows, uint64_t heads) {
  return std::make_shared<RotaryRows>(type, place, rows, heads);
}

}  // namespace wmk::checkpoint
