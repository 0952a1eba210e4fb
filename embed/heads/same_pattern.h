// Which heads of a layer attend alike (specs/careful_heads.md 2).
//
// Purpose: heads with one pattern of attention can hold any values and outputs whose sum of
// products is what the model computes. The pattern comes from F = P Q^T K P^T alone. Lifetime:
// refers to its CircuitReader. Thread-safety: belongs to one worker.
#pragma once

#include <optional>

#include "checkpoint/attention/query_views.h"
#include "embed/heads/scaled_vectors.h"
#include "neurons/careful/same_gate.h"

namespace wmk::embed {

class SamePattern {
 public:
  SamePattern(const checkpoint::Checkpoint& checkpoint, const CircuitReader& circuits);

  // Sets of two or more heads with one pattern, each ascending. None where queries are not known.
  Result<neurons::Clusters> find(size_t layer, ScaledReader& reader);

 private:
  Status read(const checkpoint::HeadLayer& layer, const checkpoint::QueryViews& views,
              ScaledReader& reader);
  Result<std::vector<float>> latent_frame(const checkpoint::View& down, uint64_t size,
                                          const Onto& onto, std::span<const float> norm);
  void make_forms(const checkpoint::HeadLayer& layer, const checkpoint::QueryViews& views);
  std::vector<uint32_t> uniform_heads() const;

  const CircuitReader& circuits_;
  bool has_norm_;                                             // of queries or keys
  std::vector<std::optional<checkpoint::QueryViews>> views_;  // by layer
  // The first rows of the first share's frame, and the size of F.
  std::vector<float> frame_;
  size_t rows_ = 0;
  ScaledVectors q_, k_;
  ScaledVectors shared_;  // keys of all heads
  CircuitReader::Scratch scratch_;
  std::vector<float> forms_;          // rows^2 x heads, each at length 1
  std::vector<double> log2_lengths_;  // of F; -infinity: zero
};

}  // namespace wmk::embed
