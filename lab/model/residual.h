// The residual stream of pre-norm models with RMSNorm: who reads it, who writes it, through which
// norm.
//
// Purpose: a change of basis of the residual stream must reach every tensor that touches it, so
// this room knows the Llama, Mixtral, Qwen-MoE and Gemma names tensor by tensor and refuses a
// checkpoint with one it does not know. Other families are refused: their norms or their wiring
// differ. Lifetime: indices into Checkpoint::tensors(). Thread-safety: immutable after make.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lab/model/model.h"

namespace wmk::lab {

enum class ResidualPart : uint8_t {
  embedding,        // [vocabulary, d]
  head,             // [vocabulary, d], reads behind the final norm
  reads_attention,  // [out, d] behind the norm in front of attention
  reads_ffn,        // [out, d] behind the norm in front of the FFN: gate, up, router
  writes,           // [d, in]
  write_bias,       // [d]
  attention_norm,
  ffn_norm,
  final_norm,  // [d]
  inside,      // does not touch the stream
};

struct ResidualTensor {
  size_t tensor = 0;
  ResidualPart part = ResidualPart::inside;
  uint64_t layer = 0;  // of the tensors inside layers
};

struct ResidualStream {
  uint64_t width = 0;
  bool one_plus = false;  // a gain is 1 + w
  std::vector<ResidualTensor> tensors;

  const ResidualTensor* find(ResidualPart part, uint64_t layer = 0) const;

  // `attack` names the asker in errors.
  static Result<ResidualStream> make(const Model& model, std::string_view attack);
};

// The gain of a norm tensor as a factor (1 + w already applied).
Result<Values> gain_of(const Model& model, const ResidualStream& stream, size_t tensor);

// Column j of a [rows, d] matrix times factors[j].
void scale_columns(Values& values, std::span<const float> factors);

}  // namespace wmk::lab
