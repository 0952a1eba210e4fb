// Coordinates of blocks of vectors, kept for other readings of the same vectors.
//
// Purpose: readings of a model differ in the role or in the norm weight of some vectors, or in the
// frame; what several have in common is read and multiplied once. Coordinates from the memo are
// those that would be computed, bit for bit. Lifetime: keys hold the address of a checkpoint, which
// must outlive the memo. Thread-safety: internally synchronised.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "checkpoint/layout/unit_block.h"
#include "embed/sites/ffn.h"

namespace wmk::embed {

struct BlockCoordinates {
  std::vector<float> y;  // panel after panel, columns x units each; before they are divided by n
  std::vector<float> n;  // ||w|| / sqrt(d) of each vector
  uint64_t stored = 0;   // bytes of the vectors in their file

  size_t bytes() const { return (y.size() + n.size()) * sizeof(float); }
};

class CoordinateMemo {
 public:
  // Keeps coordinates until they have `bytes_max` bytes, and no more after that.
  explicit CoordinateMemo(size_t bytes_max) : bytes_max_(bytes_max) {}

  using Key = std::array<uint64_t, 10>;
  // The vectors of one kind of a block, with their norm weight. `frames`: a number for the frames
  // that they are multiplied with.
  static Key key_of(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
                    const checkpoint::UnitBlock& block, VectorKind kind, uint64_t frames);

  // Null: not kept.
  std::shared_ptr<const BlockCoordinates> find(const Key& key) const;
  void keep(const Key& key, std::shared_ptr<const BlockCoordinates> coordinates);
  // Whether those of all vectors of a block are kept.
  bool has_block(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
                 const checkpoint::UnitBlock& block, uint64_t frames) const;
  bool has_room() const;

 private:
  const size_t bytes_max_;
  mutable std::mutex mutex_;
  size_t bytes_ = 0;
  std::map<Key, std::shared_ptr<const BlockCoordinates>> kept_;
};

// The memo of a scan, and the number of its frames.
struct ScanMemo {
  CoordinateMemo* memo = nullptr;
  uint64_t frames = 0;
};

}  // namespace wmk::embed
