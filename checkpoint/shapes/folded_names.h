// Names of tensors compared without their prefix, separators and case.
//
// Purpose: "foo.bar.model.layers.3.mlp.up_proj.weight", "model/layers/3/mlp/up/proj" and
// "model_layers_3_mlp_up_proj" have the name that a family knows as "layers.#.mlp.up_proj".
// Lifetime: a FoldedNames points to its family. Thread-safety: pure functions.
#pragma once

#include <span>
#include <vector>

#include "checkpoint/naming/name_table.h"

namespace wmk::checkpoint {

struct FoldedNames {
  const NamingFamily* family = nullptr;
  size_t recognised = 0;
  NameTable names = {};  // of what the family recognises; all others are hidden
};

// One for each family and prefix that give an embedding and an FFN; those that recognise most
// tensors first. Linear in the number of tensors.
std::vector<FoldedNames> fold_names(const std::vector<Tensor>& tensors,
                                    std::span<const NamingFamily* const> families);

}  // namespace wmk::checkpoint
