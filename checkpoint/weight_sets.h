// All sets of weights in a model's folder (axis "files" of the readings).
//
// Purpose: programs open one set by fixed rules, which an index, a name or a second format can
// mislead; each other set is a reading too. Lifetime: plain values. Thread-safety: pure function;
// it reads the file system.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"

namespace wmk::checkpoint {

inline constexpr size_t kWeightSetsMax = 32;

struct WeightSet {
  std::string words;           // "weights of 'model.fp16.safetensors'"
  std::filesystem::path path;  // for Checkpoint::open
  OpenOptions options;
};

// In the order in which transformers opens them: model.safetensors, indexes of safetensors, other
// safetensors, pytorch_model.bin, indexes of PyTorch, other PyTorch files, GGUF; then the same in
// each subfolder, by name. A file that an index lists is no set by itself. At most kWeightSetsMax.
// Sets that cannot be opened are among them.
std::vector<WeightSet> weight_sets(const std::filesystem::path& folder);

}  // namespace wmk::checkpoint
