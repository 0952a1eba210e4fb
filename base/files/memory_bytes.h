// Pieces of a caller's memory, read and written as one file.
//
// Purpose: tensors that Python or another program holds are a checkpoint without being copied.
// Lifetime: refers to the pieces. Thread-safety: as the memory: disjoint ranges may be used at
// once.
#pragma once

#include <vector>

#include "base/files/byte_source.h"

namespace wmk {

class MemoryBytes : public ByteTarget {
 public:
  // In order, one behind the other; empty pieces are allowed.
  explicit MemoryBytes(const std::vector<std::span<std::byte>>& pieces);

  uint64_t size() const override { return size_; }
  Status read_at(uint64_t offset, std::span<std::byte> out) const override;
  Status write_at(uint64_t offset, ByteView bytes) const override;

 private:
  struct Piece {
    uint64_t begin;
    std::span<std::byte> bytes;
  };
  // Calls use(part of a piece, its distance from `offset`) for each part of the range, in order.
  template <class Use>
  void for_each_part(uint64_t offset, uint64_t count, const Use& use) const;

  std::vector<Piece> pieces_;  // not empty, by `begin`
  uint64_t size_ = 0;
};

}  // namespace wmk
