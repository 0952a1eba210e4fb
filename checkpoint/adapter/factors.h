// Matrices that are stored as a product of two, or as a base and a low-rank update, in the
// checkpoint itself.
//
// Purpose: a factored layer (SVD, low-rank training, a LoRA that was not merged) is read as the
// matrix that it computes (specs/checkpoint.md 11). Thread-safety: pure function.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "checkpoint/contents.h"

namespace wmk::checkpoint {

// Replaces factors by their product where a naming rule knows the name of the product. A pair whose
// shapes make no matrix stays as it is, with a note. The scale of a LoRA is that of
// adapter_config.json in `folder`, else 1. An Error is one of adapter_config.json.
Status join_factors(Contents& contents, const std::filesystem::path& folder);

}  // namespace wmk::checkpoint
