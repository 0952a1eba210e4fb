// The marker of attention heads: steepest ascent of the correlation of their circuits with the
// carriers (specs/heads.md 3).
//
// Purpose: changes V and O of whole layers in a copy of the checkpoint. Lifetime: refers to its
// parts. Thread-safety: immutable; a Worker belongs to one thread.
#pragma once

#include "checkpoint/write/copy.h"
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

    CircuitReader::Scratch scratch_;
    LayerProjection projection_;
    Circuits circuits_;
    std::vector<float> v_steps_, o_steps_;  // columns x vectors
    std::vector<float> tags_, sums_, delta_;
  };

 private:
  const checkpoint::Checkpoint& checkpoint_;
  const CircuitReader& reader_;
  double strength_;
  const crypto::SecretBytes& rounding_key_;
  std::vector<WipedVector<float>> carriers_;  // kHeadTags x r^2, by share
  std::vector<std::vector<float>> inverse_norm_weights_;
};

// Marks all heads in a copy whose other bytes are written already.
Status write_heads(const HeadMarker& marker, const checkpoint::CheckpointCopy& copy,
                   unsigned threads, Progress* progress, Change& change);

}  // namespace wmk::embed
