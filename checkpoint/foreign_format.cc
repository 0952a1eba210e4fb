#include "checkpoint/foreign_format.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/file.h"
#include "base/text.h"

namespace wmk::checkpoint {
namespace {

using namespace std::string_view_literals;

constexpr auto kConvert = "convert the checkpoint to safetensors first"sv;
constexpr auto kSavePretrained =
    "load it with transformers and write it with save_pretrained, which makes safetensors"sv;
constexpr auto kMarkFirst =
    "mark the safetensors checkpoint and convert the result; detection needs safetensors, too"sv;

struct Format {
  std::string_view sign;  // first bytes, or end of the file name
  std::string_view name;
  std::string_view advice;
};

constexpr std::array kByContent = {
    Format{"GGUF"sv, "GGUF", kMarkFirst},
    Format{"lmgg"sv, "old GGML", kMarkFirst},
    Format{"fmgg"sv, "old GGML", kMarkFirst},
    Format{"tjgg"sv, "old GGML", kMarkFirst},
    Format{"PK\x03\x04"sv, "PyTorch (zip)", kSavePretrained},
    // Pickle protocol 2, then the number 0x1950a86a20f9469cfc6c.
    Format{"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"sv, "legacy PyTorch",
           kSavePretrained},
    Format{"\x80\x02"sv, "Python pickle", kSavePretrained},
    Format{"\x89HDF\r\n\x1a\n"sv, "HDF5", kConvert},
    Format{"\x93NUMPY"sv, "NumPy", kConvert},
    Format{"version https://git-lfs.github.com/spec/"sv, "Git LFS pointer",
           "the weights were not downloaded; run 'git lfs pull' in that folder"sv},
};

constexpr std::array kByName = {
    Format{".gguf"sv, "GGUF", kMarkFirst},
    Format{".ggml"sv, "old GGML", kMarkFirst},
    Format{".bin"sv, "PyTorch", kSavePretrained},
    Format{".pt"sv, "PyTorch", kSavePretrained},
    Format{".pth"sv, "PyTorch", kSavePretrained},
    Format{".ckpt"sv, "PyTorch, TensorFlow or MindSpore checkpoint", kConvert},
    Format{".distcp"sv, "PyTorch distributed checkpoint", kConvert},
    Format{".onnx"sv, "ONNX", kConvert},
    Format{".h5"sv, "HDF5", kConvert},
    Format{".hdf5"sv, "HDF5", kConvert},
    Format{".msgpack"sv, "Flax", kConvert},
    Format{".npz"sv, "NumPy", kConvert},
    Format{".npy"sv, "NumPy", kConvert},
    Format{".tar"sv, "tar archive", "unpack it first"sv},
    Format{".zip"sv, "zip archive", "unpack it first"sv},
    Format{"saved_model.pb"sv, "TensorFlow SavedModel", kConvert},
};

Error refusal(const std::filesystem::path& file, const Format& format) {
  return Error(ErrorCode::unsupported, cat(escaped(file.filename().string()), ": is a ",
                                           format.name, " file, and only safetensors is read"))
      .with_hint(std::string(format.advice));
}

template <class Formats, class Test>
std::optional<Error> first_match(const std::filesystem::path& file, const Formats& formats,
                                 Test test) {
  const auto format = std::find_if(formats.begin(), formats.end(), test);
  if (format == formats.end()) return std::nullopt;
  return refusal(file, *format);
}

}  // namespace

std::optional<Error> foreign_by_content(const std::filesystem::path& path) {
  auto file = ReadFile::open(path);
  if (!file) return std::nullopt;
  std::array<std::byte, 64> bytes;
  const auto head = std::span(bytes).first(std::min<uint64_t>(bytes.size(), file->size()));
  if (!file->read_at(0, head)) return std::nullopt;
  return first_match(path, kByContent,
                     [&](const Format& format) { return as_text(head).starts_with(format.sign); });
}

std::optional<Error> foreign_by_name(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  return first_match(path, kByName,
                     [&](const Format& format) { return name.ends_with(format.sign); });
}

}  // namespace wmk::checkpoint
