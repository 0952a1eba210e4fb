// Turns back the weights of modules whose activations are rotated or scaled while the model runs.
//
// Thread-safety: pure function.
#pragma once

#include <filesystem>

#include "checkpoint/contents.h"

namespace wmk::checkpoint {

// Tensors that transform_config of config.json names get an encoding that gives the weights for
// activations that are not rotated; the matrices leave the directory. A matrix that is missing or
// does not fit is noted, and its modules stay as they are. Vectors "MODULE.pre_quant_scale" are
// multiplied into the columns.
void undo_transforms(Contents& contents, const std::filesystem::path& folder);

}  // namespace wmk::checkpoint
