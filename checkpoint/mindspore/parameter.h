// One entry of a MindSpore checkpoint: a name, and what is stored under it.
//
// Purpose: the strict reader of the messages (specs/mindspore.md 2). Lifetime: values.
// Thread-safety: one caller for one WireReader.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "checkpoint/mindspore/wire.h"
#include "checkpoint/numbers/dtype.h"

namespace wmk::checkpoint {

inline constexpr uint64_t kParameterNameBytesMax = 4096;
inline constexpr size_t kParameterDimensionsMax = 64;

struct Parameter {
  std::string name;
  std::vector<uint64_t> shape;
  std::string type;  // "Float32", "BFloat16"
  WireRange content;
};

// `range` is one entry. Errors name the parameter, once its name is known.
Result<Parameter> read_parameter(WireReader& reader, WireRange range);

// None: a type that is not read, such as "str" or "Int4".
std::optional<DType> parameter_dtype(std::string_view type);

}  // namespace wmk::checkpoint
