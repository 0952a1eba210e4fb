// Where a model is: on disk, or in the caller's memory.
//
// Lifetime: a Model is a description. It refers to the caller's tensors, which must stay in place
// during each call that gets it; files are opened by each call. Thread-safety: a value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weightmark {

// One tensor in memory: row-major and packed.
struct MemoryTensor {
  std::string name;   // as in a checkpoint: "model.layers.0.mlp.up_proj.weight"
  std::string dtype;  // as safetensors spells it: BF16, F16, F32, I8, ...
  std::vector<uint64_t> shape;
  void* data = nullptr;  // only embed_in_place() writes to it
  uint64_t bytes = 0;    // of the data: elements times size of the type
};

struct Model {
  // A folder (Hugging Face layout), a weights file or an index. With `tensors`: the folder of
  // config.json and the tokenizer.
  std::string path;
  // `path` is an adapter (LoRA, DoRA), which is merged into this model while it is read.
  std::string base = {};
  // A file of rules for tensor names (specs/naming.md).
  std::string naming = {};
  // In place of the weights at `path`. Of tensors that share their memory (a tied head and its
  // embedding), the first one counts.
  std::vector<MemoryTensor> tensors = {};
};

}  // namespace weightmark
