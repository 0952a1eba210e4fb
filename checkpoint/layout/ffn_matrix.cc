#include "checkpoint/layout/ffn_matrix.h"

#include "base/text.h"

namespace wmk::checkpoint {

namespace {

// Units of gate and up are rows of a matrix stored [out, in], units of down are its columns.
bool units_are_rows(const Rule& rule) { return (rule.role != Role::ffn_down) != rule.transposed; }

std::string wanted_shape(const Rule& rule, uint64_t width) {
  const std::string_view units = rule.role == Role::ffn_gate_up ? "2 * units" : "units";
  const std::string matrix =
      units_are_rows(rule) ? cat(units, ", ", width) : cat(width, ", ", units);
  return cat("[", rule.all_layers ? "layers, " : "", rule.stacked ? "experts, " : "", matrix, "]");
}

}  // namespace

bool has_width(const Tensor& tensor, const Rule& rule, uint64_t width) {
  const size_t rank = tensor.shape.size();
  return rank >= 2 && tensor.shape[units_are_rows(rule) ? rank - 1 : rank - 2] == width;
}

Result<FfnMatrix> read_ffn_matrix(const Tensor& tensor, const Rule& rule, uint64_t width) {
  const auto fault = [&](ErrorCode code, const auto&... what) {
    return Error(code, cat("tensor '", escaped(tensor.name), "': ", what...));
  };
  if (!is_weight_type(tensor.dtype) && tensor.dtype != DType::f64) {
    return fault(ErrorCode::unsupported, to_string(rule.role), " of type ", to_string(tensor.dtype),
                 " is not read by this version")
        .with_hint("mark the checkpoint before it is quantised or packed");
  }
  const auto& shape = tensor.shape;
  const size_t rank = 2 + (rule.stacked ? 1 : 0) + (rule.all_layers ? 1 : 0);
  const bool rows = units_are_rows(rule);
  const bool both = rule.role == Role::ffn_gate_up;
  const uint64_t coordinates = shape.size() == rank ? shape[rows ? rank - 1 : rank - 2] : 0;
  const uint64_t vectors = shape.size() == rank ? shape[rows ? rank - 2 : rank - 1] : 0;
  if (coordinates != width || vectors == 0 || (both && vectors % 2 != 0) ||
      tensor.elements() == 0) {
    return fault(ErrorCode::malformed, "shape ", shape_text(shape), " does not match ",
                 to_string(rule.role), ", which is ", wanted_shape(rule, width));
  }
  FfnMatrix out;
  out.layers = rule.all_layers ? shape[0] : 1;
  out.experts = rule.stacked ? shape[rank - 3] : 1;
  out.slice_stride = vectors * width;
  const uint64_t vector_stride = rows ? width : 1;
  out.coordinate_stride = rows ? 1 : vectors;
  out.units = both ? vectors / 2 : vectors;
  out.unit_stride = both && rule.interleaved ? 2 * vector_stride : vector_stride;
  if (both) {
    (rule.up_first ? out.gate_offset : out.up_offset) =
        rule.interleaved ? vector_stride : out.units * vector_stride;
  }
  return out;
}

}  // namespace wmk::checkpoint
