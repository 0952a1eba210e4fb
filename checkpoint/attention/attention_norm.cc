#include "checkpoint/attention/attention_norm.h"

#include "checkpoint/numbers/widen.h"

namespace wmk::checkpoint {

Result<std::vector<float>> read_attention_vector(const Checkpoint& checkpoint, size_t tensor,
                                                 uint64_t size, bool one_plus) {
  const Tensor& stored = checkpoint.tensors()[tensor];
  std::vector<float> out;
  if (stored.elements() != size || !(stored.encoding || has_float_value(stored.dtype))) return out;
  Bytes raw(stored.bytes);
  if (auto status = checkpoint.read(stored, 0, raw); !status) return std::move(status).error();
  out.resize(size);
  widen(stored.dtype, raw, out);
  for (float& value : out) value += one_plus ? 1.0f : 0.0f;
  return out;
}

}  // namespace wmk::checkpoint
