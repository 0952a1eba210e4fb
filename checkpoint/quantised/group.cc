#include "checkpoint/quantised/group.h"

#include <algorithm>

namespace wmk::checkpoint {

const Tensor* QuantisedGroup::find(std::string_view suffix) {
  const auto found = names_.find(cat(prefix_, suffix));
  if (found == names_.end()) return nullptr;
  if (std::find(parts_.begin(), parts_.end(), found->second) == parts_.end()) {
    parts_.push_back(found->second);
  }
  return &tensors_[found->second];
}

Result<const Tensor*> QuantisedGroup::need(std::string_view suffix) {
  const Tensor* tensor = find(suffix);
  if (tensor == nullptr) {
    return malformed("has no tensor '", escaped(cat(prefix_, suffix)), "'");
  }
  return tensor;
}

Result<Bytes> QuantisedGroup::bytes_of(const Tensor& tensor) const {
  if (tensor.bytes > kSidecarBytesMax) {
    return malformed("tensor '", escaped(tensor.name), "' is above ", kSidecarBytesMax, " bytes");
  }
  Bytes out(tensor.bytes);
  auto status = files_[tensor.file].read_at(tensor.offset, out);
  if (!status) return std::move(status).error();
  return out;
}

const StoredAttribute* QuantisedGroup::attribute(std::string_view suffix) const {
  const auto found = attributes_.find(cat(prefix_, suffix));
  return found == attributes_.end() ? nullptr : &found->second;
}

Error QuantisedGroup::unsuitable(const Tensor& tensor, std::string_view wanted) const {
  std::string shape;
  for (const uint64_t extent : tensor.shape) shape += cat(shape.empty() ? "" : ", ", extent);
  return Error(ErrorCode::malformed,
               cat("tensor '", escaped(tensor.name), "': ", to_string(tensor.dtype), " [", shape,
                   "] where ", wanted, " is expected"));
}

bool has_type(const Tensor& tensor, std::initializer_list<DType> types) {
  return std::find(types.begin(), types.end(), tensor.dtype) != types.end();
}

bool is_float(const Tensor& tensor) {
  return has_type(tensor, {DType::f32, DType::f16, DType::bf16, DType::f8_e4m3, DType::f8_e5m2,
                           DType::f8_e8m0, DType::f8_e4m3fnuz, DType::f8_e5m2fnuz});
}

}  // namespace wmk::checkpoint
