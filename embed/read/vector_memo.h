// Vectors of heads in the coordinates of some frames, kept from one reading of a model to another.
//
// Purpose: other sizes of heads, or other roles of the same matrices, need no other products with
// the frames. Lifetime: owns what it keeps, up to kVectorMemoBytes. Thread-safety: safe.
#pragma once

#include <map>
#include <mutex>
#include <span>
#include <tuple>
#include <vector>

#include "checkpoint/layout/anatomy.h"

namespace wmk::embed {

inline constexpr size_t kVectorMemoBytes = 24 << 20;

// V or O of one layer in the coordinates of all frames.
struct ProjectedVectors {
  size_t vectors = 0;
  std::vector<float> y;              // columns x vectors
  std::vector<double> square_norms;  // of each folded vector, where they are wanted
};

class VectorMemo {
 public:
  // False if they are not kept.
  bool find(const checkpoint::View& view, size_t vectors, std::span<const float> norm_weight,
            ProjectedVectors& out);
  void keep(const checkpoint::View& view, size_t vectors, std::span<const float> norm_weight,
            const ProjectedVectors& projected);

 private:
  // The view, the number of vectors, and a hash of the norm weight.
  using Key = std::tuple<size_t, uint64_t, uint64_t, uint64_t, uint64_t, size_t, size_t>;
  static Key key_of(const checkpoint::View& view, size_t vectors,
                    std::span<const float> norm_weight);

  std::mutex mutex_;
  std::map<Key, ProjectedVectors> kept_;
  size_t bytes_ = 0;
};

}  // namespace wmk::embed
