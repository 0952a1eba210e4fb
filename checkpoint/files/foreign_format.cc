#include "checkpoint/files/foreign_format.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/file.h"
#include "base/text.h"
#include "checkpoint/files/weights_file.h"

namespace wmk::checkpoint {
namespace {

using namespace std::string_view_literals;

// How to convert a file to a format that is read, tool by tool.
constexpr auto kSavePretrained =
    "load it with transformers and write it with save_pretrained, which makes safetensors"sv;
constexpr auto kFromFlax =
    "load it with transformers 4 (from_flax=True) and write it with save_pretrained"sv;
constexpr auto kFromTensorFlow =
    "load it with transformers 4 (from_tf=True) and write it with save_pretrained"sv;
constexpr auto kMarkFirst = "mark the safetensors checkpoint and convert the result"sv;
constexpr auto kFromOnnx =
    "convert it with onnx2torch and save the weights with safetensors.torch.save_file"sv;
constexpr auto kFromNumpy = "load it with numpy and write it with safetensors.numpy.save_file"sv;
constexpr auto kFromShards =
    "merge it with 'python -m torch.distributed.checkpoint.format_utils dcp_to_torch' first"sv;
constexpr auto kFromOrbax =
    "load it with orbax and write the arrays with safetensors.flax.save_file"sv;
constexpr auto kFromPaddle = "load it with paddle.load and write it with safetensors.paddle"sv;
constexpr auto kEngine =
    "a compiled model cannot be converted back; use the checkpoint that it was built from"sv;
constexpr auto kUnpack = "unpack it first"sv;
constexpr auto kDecrypt = "decrypt it first, with the tool and the key it was encrypted with"sv;

struct Foreign {
  WeightsFormat format;
  std::string_view name;
  std::string_view advice;
};

// All but safetensors, which is read whatever the name of the file.
constexpr Foreign kWeights[] = {
    {WeightsFormat::gguf, "GGUF", kMarkFirst},
    {WeightsFormat::ggml, "old GGML", kMarkFirst},
    {WeightsFormat::torch, "PyTorch", kSavePretrained},
    {WeightsFormat::torch_zip, "PyTorch (zip)", kSavePretrained},
    {WeightsFormat::torch_legacy, "legacy PyTorch", kSavePretrained},
    {WeightsFormat::torch_distributed, "PyTorch distributed checkpoint", kFromShards},
    {WeightsFormat::torch_program, "ExecuTorch or TorchServe", kEngine},
    {WeightsFormat::pickle, "Python pickle", kSavePretrained},
    {WeightsFormat::ckpt, "PyTorch, TensorFlow or MindSpore checkpoint", kSavePretrained},
    {WeightsFormat::numpy, "NumPy", kFromNumpy},
    {WeightsFormat::hdf5, "HDF5", kFromTensorFlow},
    {WeightsFormat::flax, "Flax", kFromFlax},
    {WeightsFormat::orbax, "Orbax", kFromOrbax},
    {WeightsFormat::tensorflow, "TensorFlow SavedModel", kFromTensorFlow},
    {WeightsFormat::onnx, "ONNX", kFromOnnx},
    {WeightsFormat::tensorrt, "TensorRT engine", kEngine},
    {WeightsFormat::tflite, "LiteRT (TensorFlow Lite)", kEngine},
    {WeightsFormat::coreml, "Core ML", kEngine},
    {WeightsFormat::paddle, "PaddlePaddle", kFromPaddle},
    {WeightsFormat::nemo, "NeMo", "unpack it first (it is a tar archive)"},
    {WeightsFormat::tar, "tar archive", kUnpack},
    {WeightsFormat::zip, "zip archive", kUnpack},
    {WeightsFormat::seven_zip, "7z archive", kUnpack},
    {WeightsFormat::partial_download, "partial download", "finish the download first"},
};

// Files that may contain weights, and cannot be recognised as weights.
struct Container {
  std::string_view sign;  // first bytes, or end of the file name
  std::string_view name;
  std::string_view advice;
};

constexpr Container kByContent[] = {
    {"PK\x03\x04"sv, "zip archive", kUnpack},
    {"age-encryption.org/v1\n"sv, "age (encrypted)", kDecrypt},
    {"-----BEGIN PGP MESSAGE-----"sv, "GnuPG (encrypted)", kDecrypt},
    {"Salted__"sv, "OpenSSL (encrypted)", kDecrypt},
    {"version https://git-lfs.github.com/spec/"sv, "Git LFS pointer",
     "the weights were not downloaded; run 'git lfs pull' in that folder"sv},
};

constexpr Container kByName[] = {
    {".gpg"sv, "GnuPG (encrypted)", kDecrypt},
    {".age"sv, "age (encrypted)", kDecrypt},
    {".enc"sv, "encrypted", kDecrypt},
};

Error refusal(const std::filesystem::path& file, std::string_view format, std::string_view advice) {
  const bool vowel = "AEHIOaeio"sv.find(format.front()) != std::string_view::npos;
  return Error(ErrorCode::unsupported,
               cat(escaped(file.filename().string()), ": is ", vowel ? "an " : "a ", format,
                   " file, which is not read"))
      .with_hint(std::string(advice));
}

std::optional<Error> refusal(const std::filesystem::path& file,
                             std::optional<WeightsFormat> format) {
  for (const Foreign& foreign : kWeights) {
    if (foreign.format == format) return refusal(file, foreign.name, foreign.advice);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Error> foreign_by_content(const std::filesystem::path& path) {
  const auto file = ReadFile::open(path);
  if (!file) return std::nullopt;
  const Bytes head = head_of(*file);
  if (auto error = refusal(path, weights_format_of_content(head))) return error;
  for (const Container& container : kByContent) {
    if (as_text(head).starts_with(container.sign)) {
      return refusal(path, container.name, container.advice);
    }
  }
  return std::nullopt;
}

std::optional<Error> foreign_by_name(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  for (const Container& container : kByName) {
    if (name.ends_with(container.sign)) return refusal(path, container.name, container.advice);
  }
  return refusal(path, weights_format_of_name(name));
}

}  // namespace wmk::checkpoint
