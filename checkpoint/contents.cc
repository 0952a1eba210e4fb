#include "checkpoint/contents.h"

#include "base/text.h"

namespace wmk::checkpoint {

Status check_limits(const Contents& contents, size_t tensors) {
  if (contents.files.size() >= kShardsMax) {
    return Error(ErrorCode::limit_exceeded, cat("more than ", kShardsMax, " weights files"));
  }
  if (tensors > kTensorsMax || contents.tensors.size() > kTensorsMax - tensors) {
    return Error(ErrorCode::limit_exceeded, cat("more than ", kTensorsMax, " tensors"));
  }
  return {};
}

}  // namespace wmk::checkpoint
