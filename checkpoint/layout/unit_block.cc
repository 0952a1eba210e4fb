#include "checkpoint/layout/unit_block.h"

#include <algorithm>

#include "base/text.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::checkpoint {

uint64_t vector_bytes(const Checkpoint& checkpoint, const Anatomy& anatomy, size_t group) {
  const Tensor& up = checkpoint.tensors()[anatomy.groups[group].up.tensor];
  return anatomy.width * bits(up.dtype) / 8;
}

std::vector<UnitBlock> blocks_of(const Checkpoint& checkpoint, const Anatomy& anatomy, size_t group,
                                 uint64_t block_bytes) {
  const UnitGroup& units = anatomy.groups[group];
  const uint64_t panel_bytes = vector_bytes(checkpoint, anatomy, group) * kPanelUnits;
  const uint64_t panels = std::max<uint64_t>(1, block_bytes / panel_bytes);
  std::vector<UnitBlock> blocks;
  for (uint64_t first = 0; first < units.units; first += panels * kPanelUnits) {
    blocks.push_back({group, first, std::min(panels * kPanelUnits, units.units - first)});
  }
  return blocks;
}

// A stored row is one vector (unit-major) or one coordinate of all vectors.
Runs RawBlock::runs() const {
  const uint64_t rows = unit_major_ ? units_ : width_;
  const uint64_t file_row = unit_major_ ? view_.unit_stride : view_.coordinate_stride;
  const uint64_t begin = view_.first + first_ * view_.unit_stride;
  const uint64_t count = is_one_run() ? 1 : rows;
  return {begin * element_bytes_, rows / count * row_elements_ * element_bytes_,
          file_row * element_bytes_, count};
}

Status RawBlock::read(const Checkpoint& checkpoint, const View& view, uint64_t width,
                      uint64_t first, uint64_t units) {
  const Tensor& tensor = checkpoint.tensors()[view.tensor];
  view_ = view;
  dtype_ = tensor.dtype;
  unit_major_ = view.coordinate_stride < view.unit_stride || width == 1;
  first_ = first;
  skipped_ = 0;
  units_ = units;
  width_ = width;
  element_bytes_ = bits(tensor.dtype) / 8;
  // The last row of an interleaved tensor may end with its last element: a row spans its
  // elements only, not the gap after them.
  row_elements_ =
      unit_major_ ? (width - 1) * view.coordinate_stride + 1 : (units - 1) * view.unit_stride + 1;
  bytes_.resize((unit_major_ ? units : width) * row_elements_ * element_bytes_);
  if (tensor.encoding) return decode(checkpoint, tensor);
  return checkpoint.read_runs(tensor, runs(), bytes_);
}

// The stored rows of this block are equally long parts of rows of the tensor, at equal distances:
// all of them (touching) or every second (interleaved) row.
Status RawBlock::decode(const Checkpoint& checkpoint, const Tensor& tensor) {
  const uint64_t columns = tensor.shape.back();
  const uint64_t rows = unit_major_ ? units_ : width_;
  const uint64_t file_row = unit_major_ ? view_.unit_stride : view_.coordinate_stride;
  const uint64_t begin = view_.first + first_ * view_.unit_stride;
  const std::span values(reinterpret_cast<float*>(bytes_.data()), rows * row_elements_);
  if (file_row == columns) {
    return checkpoint.decode(tensor, {begin / columns, rows, begin % columns, row_elements_},
                             values);
  }
  for (uint64_t r = 0; r < rows; ++r) {
    const uint64_t first = begin + r * file_row;
    const Rectangle part{first / columns, 1, first % columns, row_elements_};
    auto status = checkpoint.decode(tensor, part, values.subspan(r * row_elements_, row_elements_));
    if (!status) return status;
  }
  return {};
}

Status RawBlock::write(const Checkpoint& checkpoint, const WriteFile& out) const {
  const Tensor& tensor = checkpoint.tensors()[view_.tensor];
  const Runs where = runs();
  Bytes merged;
  for (uint64_t run = 0; run < where.count; ++run) {
    const uint64_t offset = tensor.offset + where.offset + run * where.stride;
    const ByteView own = ByteView(bytes_).subspan(run * where.bytes, where.bytes);
    Status status;
    if (step() == 1) {
      status = out.write_at(offset, own);
    } else {
      // Elements of the other half lie between: keep them as they are in the output.
      merged.resize(where.bytes);
      status = out.read_at(offset, merged);
      if (!status) return status;
      for (uint64_t i = 0; i < where.bytes; i += step() * element_bytes_) {
        std::copy_n(own.begin() + i, element_bytes_, merged.begin() + i);
      }
      status = out.write_at(offset, merged);
    }
    if (!status) return status;
  }
  return {};
}

void RawBlock::make_room(const RawBlock& like, uint64_t first, uint64_t units) {
  view_ = like.view_;
  dtype_ = like.dtype_;
  unit_major_ = like.unit_major_;
  width_ = like.width_;
  element_bytes_ = like.element_bytes_;
  first_ = first;
  skipped_ = 0;
  units_ = row_elements_ = units;
  bytes_.resize(width_ * row_elements_ * element_bytes_);
}

void RawBlock::paste(const RawBlock& part) {
  for (uint64_t coordinate = 0; coordinate < width_; ++coordinate) {
    std::copy_n(part.element(0, coordinate), part.row_bytes(),
                element(part.first_ - first_, coordinate));
  }
}

void RawBlock::widen_panel(uint64_t first, uint64_t count, std::span<float> to) const {
  if (unit_major_ && row_elements_ == width_) {
    return widen(dtype_, stored(first, 0, count * width_), to);
  }
  const uint64_t rows = unit_major_ ? count : width_;
  const uint64_t row = unit_major_ ? width_ : count;
  for (uint64_t r = 0; r < rows; ++r) {
    const uint64_t unit = unit_major_ ? first + r : first;
    const uint64_t coordinate = unit_major_ ? 0 : r;
    widen_strided(dtype_, stored(unit, coordinate, (row - 1) * step() + 1), step(),
                  to.subspan(r * row, row));
  }
}

ByteView RawBlock::stored(uint64_t unit, uint64_t coordinate, uint64_t elements) const {
  return ByteView(bytes_).subspan(local_index(unit, coordinate) * element_bytes_,
                                  elements * element_bytes_);
}

}  // namespace wmk::checkpoint
