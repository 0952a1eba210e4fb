// The anatomy of a checkpoint: the one view that all rooms above work on.
//
// Purpose: says, for any architecture and layout, where gate row, up row and down column of every
// unit (FFN neuron) are, which gain folds into them and where the token embedding is.
// Lifetime: refers to tensors of the Checkpoint by index; keep the Checkpoint alive and unmoved is
// not needed, indices stay valid. Thread-safety: immutable after make().
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/naming/naming.h"
#include "checkpoint/text/config.h"

namespace wmk::checkpoint {

// `units` vectors of `width` coordinates inside one tensor. Element (unit, coordinate) is number
// first + unit * unit_stride + coordinate * coordinate_stride of the tensor, row-major.
struct View {
  size_t tensor = 0;  // index into Checkpoint::tensors()
  uint64_t first = 0;
  uint64_t unit_stride = 0;
  uint64_t coordinate_stride = 0;
};

// The units of one layer, or of one expert of one layer.
struct UnitGroup {
  uint64_t layer = 0;
  std::optional<uint64_t> expert;  // routed expert; none: dense or shared
  bool shared = false;
  uint64_t units = 0;
  std::optional<View> gate;  // absent where the FFN is not gated
  View up, down;
  // Indices into Anatomy::gains, or none: gain 1.
  std::optional<size_t> in_gain;   // folds into gate and up
  std::optional<size_t> out_gain;  // folds into down
  std::string label() const;       // "layer 3", "layer 3 expert 17", "layer 3 shared"
};

struct Anatomy {
  std::string family;
  uint64_t width = 0;          // d, of the residual stream
  size_t token_embedding = 0;  // tensor [vocabulary, width]
  uint64_t vocabulary = 0;
  bool gated = true;
  std::vector<UnitGroup> groups;           // by layer, then dense/shared, then experts
  std::vector<std::vector<float>> gains;   // each `width` values, 1 + w already applied
  std::vector<std::optional<Role>> roles;  // by tensor; none: not recognised
  std::vector<std::string> notes;

  uint64_t unit_count() const;
  // N: weights in all marked vectors.
  uint64_t weight_count() const;
  uint64_t layer_count() const;
  uint64_t expert_count() const;  // routed experts of the layer that has most
};

// Finds the family that explains the checkpoint (model_type first, then whichever family explains
// most tensors) and lays the views out, checking every shape. Errors list what was and what was not
// recognised. `rules` replaces the catalogue (--naming FILE).
Result<Anatomy> make_anatomy(const Checkpoint& checkpoint, const Config& config,
                             const Family* rules = nullptr);

// Tensors that have no role, in the checkpoint's order.
std::vector<size_t> unrecognised(const Anatomy& anatomy);

}  // namespace wmk::checkpoint
