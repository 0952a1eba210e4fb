// The step between a container and everything above: quantised groups become logical tensors.
//
// Purpose: "P.qweight", "P.scales", ... leave the directory and "P.weight" comes in, with an
// encoding (specs/quantised.md). Thread-safety: pure function.
#pragma once

#include <filesystem>

#include "checkpoint/contents.h"

namespace wmk::checkpoint {

// Replaces what is understood. A group that has the marks of a format and is wrong, or of a variant
// that is not read, stays as it is and leaves its reason in `contents.refusals`: it matters only if
// somebody reads that tensor. An Error where config.json is damaged.
Status dequantise(Contents& contents, const std::filesystem::path& folder);

}  // namespace wmk::checkpoint
