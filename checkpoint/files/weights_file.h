// Which files hold model weights: one definition for reading, marking, signing and verifying.
//
// Purpose: recognises weights by name and by content, so that renaming a file does not hide it.
// Formats that this program cannot read count as well. Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/file.h"

namespace wmk::checkpoint {

enum class WeightsFormat : uint8_t {
  safetensors,
  gguf,
  ggml,  // llama.cpp's formats before GGUF
  torch,
  torch_zip,
  torch_legacy,       // one pickle after another, before torch 1.6
  torch_distributed,  // torch.distributed.checkpoint
  torch_program,      // a program with its weights: ExecuTorch, TorchServe
  pickle,             // also joblib
  ckpt,               // PyTorch, TensorFlow or MindSpore
  numpy,
  hdf5,  // also Keras
  flax,
  orbax,
  tensorflow,
  onnx,
  tensorrt,
  tflite,
  coreml,
  paddle,
  nemo,
  tar,
  zip,
  seven_zip,
  partial_download,  // its content is not known
};

// weights_format_of_content() needs this many bytes, or the whole of a shorter file.
inline constexpr uint64_t kWeightsHeadBytes = 512;

// By name, which may be a path with '/'. Case is ignored, and so are endings of backups, compressed
// files and numbered copies (".bak", ".gz", ".1"). An index (*.index.json) is not a weights file.
std::optional<WeightsFormat> weights_format_of_name(std::string_view path);

// By the first bytes of the file.
std::optional<WeightsFormat> weights_format_of_content(ByteView head);

// The first kWeightsHeadBytes of a file; empty if it cannot be read.
Bytes head_of(const ReadFile& file);

// By name or content; by name alone if the file cannot be opened.
bool is_weights_file(const std::filesystem::path& path);

}  // namespace wmk::checkpoint
