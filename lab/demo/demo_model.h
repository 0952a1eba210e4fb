// A synthetic dense model with the layout of Llama: random numbers that resemble trained weights.
//
// Purpose: `weightmark demo` and tests need a checkpoint without a download. It has everything that
// a real one has (shards, index, config.json, tokenizer.json with a byte-level BPE vocabulary). As
// in trained models, its rows differ in scale and its norm weights are not 1. It generates no
// sensible text. Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/progress.h"
#include "base/result.h"
#include "checkpoint/numbers/dtype.h"

namespace wmk::lab {

// The default has 37.7 million weights to mark: a mark at the automatic strength is conclusive even
// after upcycling to 8 experts with half of the neurons re-initialised and a drift of 0.3.
struct DemoShape {
  uint64_t width = 512;
  uint64_t units = 2048;
  uint64_t layers = 12;
  uint64_t heads = 8;
  uint64_t kv_heads = 4;
  uint64_t vocabulary = 8192;
  uint64_t shards = 2;
  bool tied = true;     // no lm_head
  bool biases = false;  // of q, k, v and o
  checkpoint::DType dtype = checkpoint::DType::bf16;
};

// Writes the model as folder `out`, which must not exist. The same shape and seed give the same
// bytes.
Status write_demo_model(const std::filesystem::path& out, const DemoShape& shape, uint64_t seed,
                        unsigned threads, Progress* progress);

// A tokenizer.json of `size` tokens: three special ones, the bytes, then merges to synthetic words.
std::string demo_tokenizer(uint64_t size, uint64_t seed);

}  // namespace wmk::lab
