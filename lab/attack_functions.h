// The functions of the catalogue, for attacks.cc and the files that define them.
#pragma once

#include "lab/attack.h"

namespace wmk::lab {

// Attacks on the heads of attention, and on its matrices as a whole beside those of FFNs.
std::vector<Attack> head_attacks();

// Exact: the function that the model computes stays the same.
Status permute(Model& model, const Arguments& arguments);
Status scale(Model& model, const Arguments& arguments);
Status flip(Model& model, const Arguments& arguments);
Status gain(Model& model, const Arguments& arguments);
Status rotate(Model& model, const Arguments& arguments);
Status permute_residual(Model& model, const Arguments& arguments);
Status shuffle_vocabulary(Model& model, const Arguments& arguments);
Status clone(Model& model, const Arguments& arguments);
Status clone_neurons(Model& model, const Arguments& arguments);
Status dummy_neurons(Model& model, const Arguments& arguments);
Status rescale_extreme(Model& model, const Arguments& arguments);
Status widen(Model& model, const Arguments& arguments);
Status rename_tensors(Model& model, const Arguments& arguments);
Status rename_tokens(Model& model, const Arguments& arguments);
Status mix_heads(Model& model, const Arguments& arguments);
Status expand_heads(Model& model, const Arguments& arguments);
Status reshard(Model& model, const Arguments& arguments);

// Lossy.
Status upcycle(Model& model, const Arguments& arguments);
Status drift(Model& model, const Arguments& arguments);
Status quantize(Model& model, const Arguments& arguments);
Status prune(Model& model, const Arguments& arguments);
Status drop_layers(Model& model, const Arguments& arguments);
Status merge(Model& model, const Arguments& arguments);
Status collude(Model& model, const Arguments& arguments);
Status transplant_tokenizer(Model& model, const Arguments& arguments);
Status fresh_ffn(Model& model, const Arguments& arguments);
Status fresh_attention(Model& model, const Arguments& arguments);
Status cast(Model& model, const Arguments& arguments);

}  // namespace wmk::lab
