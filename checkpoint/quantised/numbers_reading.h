// How the numbers of quantised tensors are read where the file allows more than one way.
//
// Lifetime: plain values.
#pragma once

#include <cstdint>

namespace wmk::checkpoint {

enum class ZeroPoints : uint8_t {
  configured,  // compressed-tensors: not where the config says "symmetric"; else used
  used,        // wherever the file has them
  ignored,
};

struct NumbersReading {
  bool without_config = false;  // names and shapes of the tensors decide alone
  ZeroPoints zero_points = ZeroPoints::configured;
  bool undo_transforms = true;  // transform_config of compressed-tensors

  bool operator==(const NumbersReading&) const = default;
};

}  // namespace wmk::checkpoint
