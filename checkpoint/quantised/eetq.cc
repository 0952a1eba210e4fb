// EETQ: "P.weight" or "P.qweight" of bytes in the order of a GPU kernel, with "P.weight_scales"
// (specs/quantised.md 5.3).
#include "checkpoint/matrices/interleaved_numbers.h"
#include "checkpoint/matrices/scaled_numbers.h"
#include "checkpoint/quantised/group.h"

namespace wmk::checkpoint {

// Stored as [in, out]. Without config.json, a scale for each of the second extent shows EETQ: other
// tools have one for each of the first.
Result<std::optional<LogicalTensor>> make_eetq(QuantisedGroup& group) {
  const bool is_said = group.config().method == "eetq";
  const Tensor* codes = group.find(group.has(".weight") ? ".weight" : ".qweight");
  if (codes == nullptr || !is_matrix(*codes) || !has_type(*codes, {DType::i8})) {
    return std::optional<LogicalTensor>();
  }
  const Tensor& scales = *group.find(".weight_scales");
  const uint64_t in = codes->shape[0], out = codes->shape[1];
  const bool fits = scales.shape == std::vector{out};
  if (!is_said && (!fits || in == out)) return std::optional<LogicalTensor>();
  if (!fits || !is_float(scales)) {
    return group.unsuitable(scales, cat("a floating type [", out, "]"));
  }
  if (in % kInterleavedTile != 0 || out % kInterleavedTile != 0) {
    return group.unsuitable(*codes, cat("multiples of ", kInterleavedTile, ", as of EETQ,"));
  }
  return std::optional(LogicalTensor{group.prefix() + ".weight",
                                     {out, in},
                                     "EETQ INT8",
                                     scaled(interleaved_numbers(*codes, out, in), Formula::times,
                                            {plain_numbers(scales, out, 1), 1, UINT64_MAX})});
}

}  // namespace wmk::checkpoint
