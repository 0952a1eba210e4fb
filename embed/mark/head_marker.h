// The marker of attention heads: steepest ascent of the correlation of their circuits with the
// carriers (specs/heads.md 3).
//
// Purpose: changes V and O of whole layers in a copy of the checkpoint. Lifetime: refers to its
// parts. Thread-safety: immutable; a Worker belongs to one thread.
#pragma once

#include "checkpoint/write/copy.h"
#include "embed/mark/back_projection.h"
#include "embed/mark/marker.h"
#include "embed/read/head_sketch.h"

namespace wmk::embed {

class HeadMarker {
 public:
  // `strength`: eps of each share; `rounding_key`: the owner's S_0. The reader's structures are the
  // shares.
  HeadMarker(const checkpoint::Checkpoint& checkpoint, const CircuitReader& reader, double strength,
             const crypto::SecretBytes& rounding_key);

  size_t layers() const { return reader_.heads().layers.size(); }
  // Of stacked frames (columns x width), the rows that carry: r of each share.
  std::span<const float> carry_rows(std::span<const float> frames, size_t width) const {
    return frames.first(reader_.carrier_columns() * width);
  }

  class Worker {
   public:
    // Reads a layer of the checkpoint and writes it, changed, to the copy.
    Status mark(const HeadMarker& marker, size_t layer, const checkpoint::CheckpointCopy& copy,
                Change& change);

   private:
    void add_share(const HeadMarker& marker, size_t structure);
    double value_length(const HeadMarker& marker, const std::vector<float>& step, size_t first,
                        size_t size);
    Status write(const HeadMarker& marker, bool values, const checkpoint::CheckpointCopy& copy,
                 Change& change);
    void change_block(const HeadMarker& marker, bool values, size_t first);

    CircuitReader::Scratch scratch_;
    LayerProjection projection_;
    Circuits circuits_;
    std::vector<float> v_steps_, o_steps_;  // rows of carry_frames() x vectors
    std::vector<float> tags_, sums_, part_, delta_;
    BackProjection::Packed packed_;
  };

 private:
  const checkpoint::Checkpoint& checkpoint_;
  const CircuitReader& reader_;
  double strength_;
  const crypto::SecretBytes& rounding_key_;
  std::vector<WipedVector<float>> carriers_;  // kHeadTags x r^2, by share
  std::vector<std::vector<float>> inverse_norm_weights_;
  BackProjection back_;
};

}  // namespace wmk::embed
