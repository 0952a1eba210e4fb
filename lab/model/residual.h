// The residual stream of pre-norm models with RMSNorm: which tensors read it, which write to it,
// and through which norm.
//
// Purpose: a change of basis of the residual stream must change every tensor that reads or writes
// it. The names of the Llama, Mixtral, Qwen-MoE, Phi-3 and Gemma families are listed one by one,
// and a checkpoint with any other name is refused. Other families are refused because their norms
// or connections differ. Lifetime: indices into Checkpoint::tensors(). Thread-safety: immutable
// after make().
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lab/model/model.h"

namespace wmk::lab {

enum class ResidualPart : uint8_t {
  embedding,        // [vocabulary, d]
  head,             // [vocabulary, d], reads after the final norm
  reads_attention,  // [out, d], reads after the norm before attention
  reads_ffn,        // [out, d], reads after the norm before the FFN: gate, up, router
  writes,           // [d, in]
  write_bias,       // [d]
  attention_norm,
  ffn_norm,
  final_norm,  // [d]
  inside,      // neither reads nor writes the stream
};

struct ResidualTensor {
  size_t tensor = 0;
  ResidualPart part = ResidualPart::inside;
  uint64_t layer = 0;  // 0 for tensors outside of layers
};

struct ResidualStream {
  uint64_t width = 0;
  bool one_plus = false;  // norms multiply by 1 + w
  std::vector<ResidualTensor> tensors;

  const ResidualTensor* find(ResidualPart part, uint64_t layer = 0) const;

  // `attack` is named in errors.
  static Result<ResidualStream> make(const Model& model, std::string_view attack);
};

// The factors of a norm: its weights, or 1 + its weights.
Result<Values> norm_factors(const Model& model, const ResidualStream& stream, size_t tensor);

// Multiplies column j of a [rows, d] matrix by factors[j].
void scale_columns(Values& values, std::span<const float> factors);

}  // namespace wmk::lab
