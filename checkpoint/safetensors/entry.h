// One tensor as a safetensors header describes it, before its bytes are laid out.
//
// Purpose: the grammar of an entry, for safetensors.cc alone. Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "base/text.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

// Messages begin with the kind of failure.
template <class... Parts>
Error header_failure(std::string_view kind, const Parts&... parts) {
  return Error(ErrorCode::malformed, cat(kind, ": ", parts...));
}

// The reference's kind for whatever is JSON, or not, but no header.
inline constexpr std::string_view kSyntax = "InvalidHeaderDeserialization";

// Offsets count from the first data byte and are unchecked.
struct HeaderEntry {
  Tensor tensor;
  uint64_t begin = 0;
  uint64_t end = 0;
};

// Reads "name": {"dtype": ..., "shape": ..., "data_offsets": ...}.
Result<HeaderEntry> read_entry(const json::Value& member);

// A tensor as errors name it, cut where its name would hide the message.
std::string shown_tensor(std::string_view name);

}  // namespace wmk::checkpoint
