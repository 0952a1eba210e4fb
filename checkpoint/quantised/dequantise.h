// Replaces groups of quantised tensors by the tensors that they stand for.
//
// Purpose: "P.qweight", "P.scales", ... are replaced by "P.weight" with an encoding
// (specs/quantised.md). Thread-safety: pure function.
#pragma once

#include <filesystem>

#include "checkpoint/contents.h"
#include "checkpoint/quantised/numbers_reading.h"

namespace wmk::checkpoint {

// A group that is malformed, or of an unsupported variant, is not replaced, and the reason is
// stored in `contents.refusals`: it matters only if that tensor is read. A damaged config.json is
// an Error.
Status dequantise(Contents& contents, const std::filesystem::path& folder,
                  const NumbersReading& numbers = {});

}  // namespace wmk::checkpoint
