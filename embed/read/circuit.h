// The circuits of a layer's heads in secret frames (specs/heads.md 1, 2).
//
// Purpose: reads V and O of one layer in blocks, projects them onto the frames of all shares, and
// multiplies them head by head: A = P O V P^T. Lifetime: refers to its parts. Thread-safety: a
// CircuitReader is immutable; a LayerProjection and Scratch belong to one worker.
#pragma once

#include <functional>
#include <vector>

#include "checkpoint/layout/anatomy.h"
#include "checkpoint/layout/unit_block.h"
#include "embed/read/vector_memo.h"
#include "embed/read/vector_projection.h"
#include "embed/scheme/head_structure.h"

namespace wmk::embed {

// What a layer is projected for. `exact`: coordinates are as in single precision. Else, where
// weights are bf16, the rows that carry are rounded to bf16, which moves A by less than 2^-8 of its
// length, and changes no tag. A sketch needs no norms of vectors.
enum class ProjectionUse { exact, mark, sketch };

struct LayerProjection {
  const checkpoint::HeadLayer* layer = nullptr;
  ProjectedVectors v, o;
  // Of latent values: what the vectors of V are projected onto instead of the frames, columns x
  // latent size: P (norm of the latent) W_DKV (norm before attention).
  std::vector<float> latent_frames;
  uint64_t bytes = 0;  // read
};

// The circuits of all query heads of a layer under one share. A head whose A is zero or not finite
// is absent: its rows are zero.
struct Circuits {
  size_t heads = 0, r = 0;
  std::vector<float> a, b;      // heads x r^2, scaled to length r
  std::vector<double> a_norms;  // of A before that; 0: absent
  size_t absent = 0;
};

class CircuitReader {
 public:
  // `structures`: shares. All must outlive this object.
  CircuitReader(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
                const std::vector<Structure>& structures);

  const checkpoint::Anatomy& anatomy() const { return anatomy_; }
  const checkpoint::Heads& heads() const { return anatomy_.heads; }
  size_t width() const { return anatomy_.width; }
  const std::vector<Structure>& structures() const { return structures_; }
  // The stacked frames, columns() x width: the rows of all shares that carry, then those that give
  // tags; and the first row of each kind of a share.
  const std::vector<float>& frames() const { return frames_; }
  size_t columns() const { return 2 * carriers_; }
  size_t carrier_columns() const { return carriers_; }
  size_t carrier_column(size_t structure) const { return first_[structure]; }
  size_t tag_column(size_t structure) const { return carriers_ + first_[structure]; }

  // Projected vectors are taken from there, and kept there: of these structures alone.
  void use(VectorMemo* memo) { memo_ = memo; }

  struct Scratch {
    checkpoint::RawBlock raw;
    ProjectionBuffers buffers;
    OperandFrames v_frames, o_frames;
  };
  Status project(size_t layer, ProjectionUse use, Scratch& scratch, LayerProjection& out) const;
  // What the vectors of V are projected onto, columns() x coordinates of a vector.
  const std::vector<float>& value_frames(const LayerProjection& layer) const {
    return layer.layer->latent ? layer.latent_frames : frames_;
  }
  size_t value_coordinates(const checkpoint::HeadLayer& layer) const {
    return layer.latent ? layer.latent->size : width();
  }
  void multiply(const LayerProjection& layer, size_t structure, Circuits& out) const;

  // Reads `vectors` vectors of a view, of so many coordinates each, in blocks of about `bytes` into
  // scratch.raw and calls use(first vector).
  Status for_each_block(const checkpoint::View& view, size_t vectors, size_t coordinates,
                        uint64_t bytes, Scratch& scratch,
                        const std::function<Status(size_t first)>& use) const;
  // Norm weights that fold into V or O; empty: 1.
  std::span<const float> norm_weight(const std::optional<size_t>& index) const;

  Status project(const checkpoint::View& view, size_t vectors, const Onto& onto, Scratch& scratch,
                 ProjectedVectors& out, uint64_t& bytes) const;

 private:
  Status project_latent(const checkpoint::HeadLayer& heads, Scratch& scratch,
                        LayerProjection& out) const;

  const checkpoint::Checkpoint& checkpoint_;
  const checkpoint::Anatomy& anatomy_;
  const std::vector<Structure>& structures_;
  VectorMemo* memo_ = nullptr;
  size_t carriers_ = 0;  // rows of all shares that carry
  std::vector<size_t> first_;
  std::vector<float> frames_;
};

}  // namespace wmk::embed
