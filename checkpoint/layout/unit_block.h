// Blocks of units: the part of a checkpoint that is in memory at one time.
//
// Purpose: reads the stored bytes of some vectors of a View, widens panels of them to float,
// and writes changed bytes back in place. A block has about kBlockBytes per matrix, whatever the
// size of the tensor (specs/mark.md, streaming). Lifetime: a RawBlock owns its bytes and is reused
// from block to block. Thread-safety: a block belongs to one thread; reading and writing through
// one Checkpoint or WriteFile may run in parallel.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "checkpoint/layout/anatomy.h"

namespace wmk::checkpoint {

inline constexpr uint64_t kBlockBytes = 4ull << 20;
// Panels start at multiples of this, so that results do not depend on the size of a block.
inline constexpr uint64_t kPanelUnits = 256;

struct UnitBlock {
  size_t group = 0;  // index into Anatomy::groups
  uint64_t first = 0;
  uint64_t units = 0;

  bool operator==(const UnitBlock&) const = default;
};

// The blocks of one group, in order: whole panels, about `block_bytes` for each matrix.
std::vector<UnitBlock> blocks_of(const Checkpoint& checkpoint, const Anatomy& anatomy, size_t group,
                                 uint64_t block_bytes = kBlockBytes);

// Stored bytes of one vector of a unit of this group.
uint64_t vector_bytes(const Checkpoint& checkpoint, const Anatomy& anatomy, size_t group);

// Whether vectors of `view` are whole columns of adjacent elements, so that neighbouring blocks can
// be read or gathered together.
inline bool are_columns(const View& view, uint64_t width) {
  return width > 1 && view.unit_stride == 1 && view.coordinate_stride >= 1;
}

class RawBlock {
 public:
  // Reads vectors [first, first + units) of `view`; `width` coordinates each.
  Status read(const Checkpoint& checkpoint, const View& view, uint64_t width, uint64_t first,
              uint64_t units);
  // From here on, unit 0 is vector `first` of the view: one that was read, the first unless vectors
  // are columns.
  void begin_at(uint64_t first) { skipped_ = first - first_; }
  // Writes the elements to the same place of `out`, a file of the same layout. Elements
  // between them (the other half of an interleaved pair) keep the values that `out` has.
  Status write(const Checkpoint& checkpoint, const WriteFile& out) const;

  // Columns of neighbouring blocks are gathered by make_room() for vectors [first, first + units)
  // of the same view, then paste() of each block. Blocks may be pasted concurrently.
  bool is_columns() const { return are_columns(view_, width_); }
  void make_room(const RawBlock& like, uint64_t first, uint64_t units);
  void paste(const RawBlock& part);

  // Vectors are rows of the stored block (adjacent coordinates), not columns.
  bool unit_major() const { return unit_major_; }
  size_t tensor() const { return view_.tensor; }  // index into Checkpoint::tensors()
  DType dtype() const { return dtype_; }
  uint64_t units() const { return units_; }
  uint64_t width() const { return width_; }

  // Widens vectors [first, first + count) of this block: count x width where unit_major(), else
  // width x count (as stored, not transposed).
  void widen_panel(uint64_t first, uint64_t count, std::span<float> to) const;

  // Stored bytes of element (unit, coordinate) of this block, and its index in the whole tensor.
  std::byte* element(uint64_t unit, uint64_t coordinate) {
    return bytes_.data() + local_index(unit, coordinate) * element_bytes_;
  }
  const std::byte* element(uint64_t unit, uint64_t coordinate) const {
    return bytes_.data() + local_index(unit, coordinate) * element_bytes_;
  }
  // From one stored row of this block to the next, in memory.
  uint64_t row_bytes() const { return row_elements_ * element_bytes_; }
  uint64_t tensor_index(uint64_t unit, uint64_t coordinate) const {
    return view_.first + (first_ + skipped_ + unit) * view_.unit_stride +
           coordinate * view_.coordinate_stride;
  }
  // The stored rows are contiguous in the file.
  bool is_one_run() const {
    return (unit_major_ ? view_.unit_stride : view_.coordinate_stride) == row_elements_;
  }
  // Of its first element in the tensor, in bytes.
  uint64_t file_offset() const { return tensor_index(0, 0) * element_bytes_; }
  // Distance in elements between neighbours along the stored row (1, or 2 where interleaved).
  uint64_t step() const { return unit_major_ ? view_.coordinate_stride : view_.unit_stride; }
  uint64_t bytes_read() const { return bytes_.size(); }

 private:
  uint64_t local_index(uint64_t unit, uint64_t coordinate) const {
    return unit_major_ ? unit * row_elements_ + coordinate * view_.coordinate_stride
                       : coordinate * row_elements_ + (skipped_ + unit) * view_.unit_stride;
  }
  Status decode(const Checkpoint& checkpoint, const Tensor& tensor);
  ByteView stored(uint64_t unit, uint64_t coordinate, uint64_t elements) const;
  // Where it lies in the tensor.
  Runs runs() const;

  View view_;
  DType dtype_ = DType::bf16;
  bool unit_major_ = true;
  uint64_t first_ = 0;
  uint64_t skipped_ = 0;  // vectors before unit 0
  uint64_t units_ = 0;
  uint64_t width_ = 0;
  uint64_t element_bytes_ = 0;
  uint64_t row_elements_ = 0;  // elements between stored rows of this block, in memory
  Bytes bytes_;
};

}  // namespace wmk::checkpoint
