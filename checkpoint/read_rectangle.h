// The values of a part of a tensor, however it is stored.
//
// Thread-safety: pure function.
#pragma once

#include <span>

#include "base/file.h"
#include "base/result.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

// Row-major. The part lies inside the tensor, which is encoded or has_float_value.
Status read_rectangle(std::span<const ReadFile> files, const Tensor& tensor, const Rectangle& part,
                      std::span<float> out);

}  // namespace wmk::checkpoint
