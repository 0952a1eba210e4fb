// The anatomy of a checkpoint: where its weights are, independent of architecture and file format.
//
// Purpose: gives the gate row, up row and down column of every unit (FFN neuron), the norm weights
// that are folded into them, and the token embedding. All modules above use this view. Lifetime:
// refers to tensors by index, which stays valid if the Checkpoint is moved. Thread-safety:
// immutable.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/naming/naming.h"
#include "checkpoint/text/config.h"

namespace wmk::checkpoint {

// `units` vectors of `width` coordinates inside one tensor. Coordinate c of unit u is the element
// first + u * unit_stride + c * coordinate_stride of the tensor, row-major.
struct View {
  size_t tensor = 0;  // index into Checkpoint::tensors()
  uint64_t first = 0;
  uint64_t unit_stride = 0;
  uint64_t coordinate_stride = 0;
  // Vectors may come in runs of `run`, whose first vectors are `run_stride` elements apart; 0: all
  // of them are one run.
  uint64_t run = 0;
  uint64_t run_stride = 0;

  View run_number(uint64_t i) const {
    return {tensor, first + i * run_stride, unit_stride, coordinate_stride};
  }
  bool operator==(const View&) const = default;
};

// The units of one layer, or of one expert of one layer.
struct UnitGroup {
  uint64_t layer = 0;
  std::optional<uint64_t> expert;  // routed expert; none: dense or shared
  bool shared = false;
  std::string part;  // empty, or which stack of layers or branch of the layer (specs/naming.md 1)
  uint64_t units = 0;
  std::optional<View> gate;  // none: the FFN is not gated
  View up, down;
  // Indices into Anatomy::norm_weights, or none: the weight is 1.
  std::optional<size_t> in_norm;   // folds into gate and up
  std::optional<size_t> out_norm;  // folds into down
  std::string label() const;       // "layer 3", "layer 3 expert 17", "layer 3 shared"
};

// A tensor of attention, or a norm around it, as the rules of the family name it.
struct AttentionTensor {
  size_t tensor = 0;
  AttentionPart part = AttentionPart::none;
  uint64_t layer = 0;
  std::string place;  // empty, or which stack of layers or block of the layer
  bool is_bias = false;
  bool transposed = false, by_group = false, gate_first = false;  // of matrices, see Rule
  bool quarters = false, stacked = false;
  bool one_plus = false;   // of norms
  bool is_shared = false;  // the norm before attention and FFN alike
};

// Values that pass a latent (multi-head latent attention): the value matrix of a head is its rows
// of HeadLayer::v, which have `size` coordinates, times diag(norm) times the matrix `down`.
struct LatentValues {
  uint64_t size = 0;
  View down;                   // `size` vectors of the residual width
  std::optional<size_t> norm;  // index into Heads::norm_weights, `size` values
};

// The attention heads of one layer: the circuits O V, the second site of a mark (specs/heads.md).
// Query head h reads the value head h * kv_heads / heads, rounded down; where experts have outputs
// of their own, each has one query head for each value head, in this order.
struct HeadLayer {
  uint64_t layer = 0;
  uint64_t heads = 0, kv_heads = 0;
  uint64_t value_size = 0;  // d_v
  View v;                   // kv_heads * value_size vectors: rows of V
  View o;                   // heads * value_size vectors: columns of O
  // Indices into Heads::norm_weights, or none: the weight is 1.
  std::optional<size_t> in_norm = {};   // folds into V, or into the latent's `down`
  std::optional<size_t> out_norm = {};  // folds into O
  std::optional<LatentValues> latent = {};
  std::string place = {};  // empty, or which stack of layers or block of the layer
  bool by_expert = false;

  uint64_t value_head(uint64_t head) const {
    return by_expert ? head % kv_heads : head * kv_heads / heads;
  }
  uint64_t vectors() const { return (heads + kv_heads) * value_size; }
  // Of V and O; of latent values, those of `v` alone.
  uint64_t weights(uint64_t width) const;
};

// Attention of a layer that cannot be read.
struct SkippedHeads {
  uint64_t layer = 0;
  std::string reason;
};

struct Heads {
  std::vector<HeadLayer> layers;                 // ascending
  std::vector<std::vector<float>> norm_weights;  // of `width` or latent size, 1 + w applied
  std::vector<SkippedHeads> skipped;
  std::string missing;  // why there are no layers; else empty

  uint64_t count() const;                       // of query heads
  uint64_t vectors() const;                     // of V and O
  uint64_t weight_count(uint64_t width) const;  // N of heads
};

// Where the values of a norm weight are stored.
struct NormSource {
  size_t tensor = 0;
  bool one_plus = false;  // the weight is 1 + w
  uint64_t row = 0;       // of a tensor that holds the norms of all layers
  bool operator==(const NormSource&) const = default;
};

// Behind a LayerNorm, which subtracts means, multiples of the ones vector change nothing. Where
// they are ignored, vectors and frames lose their components along it; and rows of the embedding as
// well, before a frame is made of them.
enum class Ones : uint8_t { kept, ignored_in_vectors, ignored };

// Units that are not read because their layer is damaged or incomplete.
struct SkippedUnits {
  std::string label;
  uint64_t units = 0;  // as far as the remaining tensors tell
  std::string reason;
};

struct Anatomy {
  std::string family;
  uint64_t width = 0;          // d, of the residual stream
  size_t token_embedding = 0;  // tensor [vocabulary, width]
  uint64_t vocabulary = 0;
  bool gated = true;
  Ones ones = Ones::kept;
  std::vector<UnitGroup> groups;                 // by layer, then dense/shared, then experts
  std::vector<std::vector<float>> norm_weights;  // each `width` values, 1 + w already applied
  std::vector<NormSource> norm_sources;          // of norm_weights, in the same order
  std::vector<std::optional<Role>> roles;        // by tensor; none: not recognised
  std::vector<AttentionTensor> attention;        // by tensor
  std::string no_heads;  // why heads of this family are not read; empty: they are
  Heads heads;           // once they were looked for: find_heads()
  std::vector<std::string> notes;
  std::vector<SkippedUnits> skipped;
  // Tensors that are not read because another has the same name behind other wrappers; ascending.
  std::vector<size_t> duplicates;

  uint64_t unit_count() const;
  uint64_t skipped_unit_count() const;
  // N: the number of weights in all vectors of all units.
  uint64_t weight_count() const;
  uint64_t layer_count() const;
  uint64_t expert_count() const;  // the largest number of routed experts in a layer
};

// Finds the naming family that fits the checkpoint (by model_type, else the one that recognises
// most tensors), checks every shape and makes the views. A layer that cannot be read is skipped
// with a note, if fewer than half of all units are skipped. Errors list what was recognised and
// what was not. `rules` replaces the families that come with the program (--naming FILE).
Result<Anatomy> make_anatomy(const Checkpoint& checkpoint, const Config& config,
                             const NamingFamily* rules = nullptr);

// Tensors without a role, in the order of the checkpoint.
std::vector<size_t> unrecognised(const Anatomy& anatomy);

}  // namespace wmk::checkpoint
