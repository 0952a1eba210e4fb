// The part of the catalogue that is about heads of attention.
#include "lab/attack_functions.h"

namespace wmk::lab {

std::vector<Attack> head_attacks() {
  return {
      {"mix-heads",
       "multiply the values of each head by a random matrix, and permute query heads",
       true,
       {},
       mix_heads},
      {"expand-heads",
       "give each query head its own copy of its key/value head",
       true,
       {},
       expand_heads},
      {"fresh-ffn", "replace all FFN matrices by noise of their scale", false, {}, fresh_ffn},
      {"fresh-attention",
       "replace all attention matrices by noise of their scale",
       false,
       {},
       fresh_attention},
  };
}

}  // namespace wmk::lab
