#include "lab/collusion/copies.h"

#include "base/text.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::lab {

using checkpoint::Checkpoint;
using checkpoint::Tensor;

Status Copies::add(const Model& model, const std::string& folder) {
  auto opened = Checkpoint::open(folder);
  if (!opened) return std::move(opened).error();
  const auto copy = std::make_shared<const Checkpoint>(std::move(*opened));
  std::vector<const Tensor*> tensors;
  for (const Tensor& tensor : model.checkpoint().tensors()) {
    const Tensor* theirs = nullptr;
    if (checkpoint::is_weight_type(tensor.dtype)) {
      theirs = copy->find(tensor.name);
      if (theirs == nullptr || theirs->shape != tensor.shape ||
          !checkpoint::has_float_value(theirs->dtype)) {
        return Error(ErrorCode::invalid_argument,
                     cat("tensor '", escaped(tensor.name), "': missing in ", escaped(folder),
                         ", or of another shape or type"));
      }
    }
    tensors.push_back(theirs);
  }
  checkpoints_.push_back(copy);
  tensors_.push_back(std::move(tensors));
  return {};
}

Result<std::shared_ptr<const Copies>> Copies::open(const Model& model, const std::string& folders) {
  auto copies = std::make_shared<Copies>();
  copies->checkpoints_.push_back(model.plan().base);
  copies->tensors_.emplace_back();
  for (const Tensor& tensor : model.checkpoint().tensors()) {
    copies->tensors_[0].push_back(checkpoint::is_weight_type(tensor.dtype) ? &tensor : nullptr);
  }
  for (size_t at = 0; at <= folders.size();) {
    const size_t end = std::min(folders.find(',', at), folders.size());
    if (auto status = copies->add(model, folders.substr(at, end - at)); !status) {
      return std::move(status).error();
    }
    at = end + 1;
  }
  return std::shared_ptr<const Copies>(std::move(copies));
}

Status Copies::read(size_t copy, size_t tensor, uint64_t first, std::span<float> out) const {
  const Tensor& stored = *tensors_[copy][tensor];
  const uint64_t size = checkpoint::bits(stored.dtype) / 8;
  Bytes bytes(out.size() * size);
  auto status = checkpoints_[copy]->read(stored, first * size, bytes);
  if (status) checkpoint::widen(stored.dtype, bytes, out);
  return status;
}

Result<Values> Copies::read(size_t copy, size_t tensor) const {
  Values values(tensors_[copy][tensor]->elements());
  if (auto status = read(copy, tensor, 0, values); !status) return std::move(status).error();
  return values;
}

}  // namespace wmk::lab
