// Tiny checkpoints whose attention is stored in some form, and the circuits that it must give.
//
// Purpose: the same heads (values V, outputs O) in the forms of all families; circuits are computed
// from the weights before they are put into a form. Lifetime: plain values.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/layout/anatomy.h"
#include "tests/support/tiny_model.h"

namespace wmk::test {

inline constexpr size_t kFormWidth = 16, kFormValues = 4, kFormLayers = 2;
inline constexpr size_t kFormLatent = 6, kFormKeys = 3;

enum class FusedLayout {
  none,
  rows,           // q | k | v
  quarters,       // of each quarter of the heads: its q, v, k
  experts,        // k | v, and outputs of each expert for each value head
  halves,         // values of half the heads; the others in `second`
  by_group,       // of each key/value head: its q, k, v
  transposed,     // q | k | v, [in, out], and so is the output
  latent,         // keys and values of each head, from a latent
  latent_values,  // values of each head, from a latent: [heads, values, latent]
};

// In names {l} stands for the layer; tensors are named without ".weight".
struct HeadForm {
  std::string architecture;
  size_t heads = 4, kv_heads = 1;
  std::string value, out;  // or the fused tensor
  std::string in_norm;     // empty: none
  std::string post_norm = "";
  FusedLayout layout = FusedLayout::none;
  std::string latent_down = "", latent_norm = "";
  std::string second = "";
  std::string left_out = "";  // a tensor that is missing
  std::string config = "declared";
};

// Of each layer: V (kv_heads * values x width), O (width x heads * values), row-major. With a
// latent V is up (kv_heads * values x latent) times norm times down (latent x width).
struct HeadWeights {
  std::vector<std::vector<float>> v, o, down;
};
HeadWeights random_heads(const HeadForm& form);

std::vector<StoredTensor> form_tensors(const HeadForm& form, const HeadWeights& weights);
std::string form_config(const HeadForm& form);

using Circuit = std::vector<double>;  // width x width
// By layer, then query head; norms of the checkpoint folded in.
std::vector<Circuit> form_circuits(const HeadForm& form, const HeadWeights& weights);
Circuit read_circuit(const checkpoint::Checkpoint& checkpoint, const checkpoint::Heads& heads,
                     const checkpoint::HeadLayer& layer, uint64_t head, uint64_t width);
double largest_difference(const Circuit& a, const Circuit& b);

}  // namespace wmk::test
