// One tensor of a safetensors header, before its offsets are checked.
//
// Purpose: parses an entry, for safetensors.cc. Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "base/text.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

// The message begins with the kind of failure.
template <class... Parts>
Error header_failure(std::string_view kind, const Parts&... parts) {
  return Error(ErrorCode::malformed, cat(kind, ": ", parts...));
}

// The name that the reference reader gives to everything that is not a valid header.
inline constexpr std::string_view kSyntax = "InvalidHeaderDeserialization";

// Offsets count from the first data byte and are not checked yet.
struct HeaderEntry {
  Tensor tensor;
  uint64_t begin = 0;
  uint64_t end = 0;
};

// Reads "name": {"dtype": ..., "shape": ..., "data_offsets": ...}.
Result<HeaderEntry> read_entry(const json::Value& member);

// "tensor 'name'" for errors; a long name is cut.
std::string shown_tensor(std::string_view name);

}  // namespace wmk::checkpoint
