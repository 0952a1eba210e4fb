#include "checkpoint/files/weights_file.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "checkpoint/files/mindspore_head.h"

namespace wmk::checkpoint {
namespace {

using namespace std::string_view_literals;

struct WeightsSign {
  std::string_view text;  // an ending of a name, or bytes of the file
  WeightsFormat format;
  size_t offset = 0;  // of the bytes
};

constexpr WeightsSign kWeightsEndings[] = {
    {".safetensors", WeightsFormat::safetensors},
    {".gguf", WeightsFormat::gguf},
    {".ggml", WeightsFormat::ggml},
    {".bin", WeightsFormat::torch},
    {".pt", WeightsFormat::torch},
    {".pth", WeightsFormat::torch},
    {".ckpt", WeightsFormat::ckpt},
    {".distcp", WeightsFormat::torch_distributed},
    {".pte", WeightsFormat::torch_program},
    {".mar", WeightsFormat::torch_program},
    {".pkl", WeightsFormat::pickle},
    {".pickle", WeightsFormat::pickle},
    {".joblib", WeightsFormat::pickle},
    {".npz", WeightsFormat::numpy},
    {".npy", WeightsFormat::numpy},
    {".h5", WeightsFormat::hdf5},
    {".hdf5", WeightsFormat::hdf5},
    {".keras", WeightsFormat::hdf5},
    {".msgpack", WeightsFormat::flax},
    {".zarray", WeightsFormat::orbax},
    {"manifest.ocdbt", WeightsFormat::orbax},
    {"saved_model.pb", WeightsFormat::tensorflow},
    {".onnx", WeightsFormat::onnx},
    {".onnx_data", WeightsFormat::onnx},
    {".onnx.data", WeightsFormat::onnx},
    {".engine", WeightsFormat::tensorrt},
    {".plan", WeightsFormat::tensorrt},
    {".trt", WeightsFormat::tensorrt},
    {".tflite", WeightsFormat::tflite},
    {".mlmodel", WeightsFormat::coreml},
    {".mlpackage", WeightsFormat::coreml},
    {".pdparams", WeightsFormat::paddle},
    {".pdiparams", WeightsFormat::paddle},
    {".nemo", WeightsFormat::nemo},
    {".tar", WeightsFormat::tar},
    {".tgz", WeightsFormat::tar},
    {".zip", WeightsFormat::zip},
    {".7z", WeightsFormat::seven_zip},
    {".incomplete", WeightsFormat::partial_download},
    {".part", WeightsFormat::partial_download},
    {".partial", WeightsFormat::partial_download},
    {".crdownload", WeightsFormat::partial_download},
};

constexpr auto kIgnoredEndings = std::to_array<std::string_view>(
    {".bak", ".backup", ".old", ".orig", ".tmp", ".temp", "~", ".gz", ".bz2", ".xz", ".zst"});

constexpr WeightsSign kWeightsFirstBytes[] = {
    {"GGUF"sv, WeightsFormat::gguf},
    {"lmgg"sv, WeightsFormat::ggml},
    {"fmgg"sv, WeightsFormat::ggml},
    {"tjgg"sv, WeightsFormat::ggml},
    // Pickle protocol 2, then the number 0x1950a86a20f9469cfc6c.
    {"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"sv, WeightsFormat::torch_legacy},
    {"\x80\x02"sv, WeightsFormat::pickle},
    {"\x80\x03"sv, WeightsFormat::pickle},
    {"\x80\x04"sv, WeightsFormat::pickle},
    {"\x80\x05"sv, WeightsFormat::pickle},
    {"\x93NUMPY"sv, WeightsFormat::numpy},
    {"\x89HDF\r\n\x1a\n"sv, WeightsFormat::hdf5},
    {"TFL3"sv, WeightsFormat::tflite, 4},
    {"7z\xbc\xaf\x27\x1c"sv, WeightsFormat::seven_zip},
    {"ustar"sv, WeightsFormat::tar, 257},
};

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Without backup, compression and number endings: "model.pt.gz.1" becomes "model.pt".
std::string_view unwrapped_name(std::string_view name) {
  for (bool changed = true; changed;) {
    changed = false;
    for (const std::string_view ending : kIgnoredEndings) {
      if (!name.ends_with(ending)) continue;
      name.remove_suffix(ending.size());
      changed = true;
    }
    const size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || !is_number(name.substr(dot + 1))) continue;
    name = name.substr(0, dot);
    changed = true;
  }
  return name;
}

// "model.ckpt-1000.data-00000-of-00001"
bool is_tensorflow_shard(std::string_view name) {
  const size_t data = name.rfind(".data-");
  return data != std::string_view::npos && name.find("-of-", data) != std::string_view::npos;
}

// "checkpoint_1000", which flax.training.checkpoints writes.
bool is_flax_step(std::string_view name) {
  constexpr std::string_view kStem = "checkpoint_";
  return name.starts_with(kStem) && is_number(name.substr(kStem.size()));
}

// The header length in eight bytes (below 4 GiB, unlike any text), then a JSON object.
bool is_safetensors_head(std::string_view head) {
  if (head.size() < 9 || head.substr(4, 4) != "\0\0\0\0"sv) return false;
  const size_t first = head.find_first_not_of(" \t\r\n", 8);
  return first != std::string_view::npos && head[first] == '{';
}

// By the first entry of the archive, since documents and other files are zip archives too.
std::optional<WeightsFormat> zip_format(std::string_view head) {
  constexpr size_t kLengthAt = 26, kNameAt = 30;
  if (!head.starts_with("PK\x03\x04"sv) || head.size() < kNameAt) return std::nullopt;
  const auto length = load_le<uint16_t>(head.data() + kLengthAt);
  const std::string_view name = head.substr(kNameAt, length);
  if (name.ends_with("/data.pkl") || name.find("/data/") != name.npos)
    return WeightsFormat::torch_zip;
  const auto inner = weights_format_of_name(name);
  return !inner || inner == WeightsFormat::numpy ? inner : WeightsFormat::zip;
}

}  // namespace

std::optional<WeightsFormat> weights_format_of_name(std::string_view path) {
  const std::string lower = lower_case(path);
  if (lower.find("ocdbt.process_") != std::string::npos) return WeightsFormat::orbax;
  const size_t slash = lower.rfind('/');
  const std::string_view name =
      unwrapped_name(std::string_view(lower).substr(slash == std::string::npos ? 0 : slash + 1));
  for (const WeightsSign& sign : kWeightsEndings) {
    if (name.ends_with(sign.text)) return sign.format;
  }
  if (is_tensorflow_shard(name)) return WeightsFormat::tensorflow;
  if (is_flax_step(name)) return WeightsFormat::flax;
  return std::nullopt;
}

std::optional<WeightsFormat> weights_format_of_content(ByteView head) {
  const std::string_view text = as_text(head);
  for (const WeightsSign& sign : kWeightsFirstBytes) {
    if (text.size() > sign.offset && text.substr(sign.offset).starts_with(sign.text)) {
      return sign.format;
    }
  }
  if (is_safetensors_head(text)) return WeightsFormat::safetensors;
  if (is_mindspore_head(text)) return WeightsFormat::ckpt;
  return zip_format(text);
}

Bytes head_of(const ReadFile& file) {
  Bytes head(std::min(kWeightsHeadBytes, file.size()));
  if (!file.read_at(0, head)) head.clear();
  return head;
}

bool is_weights_file(const std::filesystem::path& path) {
  if (weights_format_of_name(path.generic_string())) return true;
  const auto file = ReadFile::open(path);
  return file && weights_format_of_content(head_of(*file));
}

}  // namespace wmk::checkpoint
