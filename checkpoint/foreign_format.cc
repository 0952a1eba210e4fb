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
constexpr auto kMarkFirst = "mark the safetensors checkpoint and convert the result"sv;

struct ForeignFormat {
  std::string_view sign;  // first bytes, or end of the file name
  std::string_view name;
  std::string_view advice;
};

constexpr std::array kByContent = {
    ForeignFormat{"GGUF"sv, "GGUF", kMarkFirst},
    ForeignFormat{"lmgg"sv, "old GGML", kMarkFirst},
    ForeignFormat{"fmgg"sv, "old GGML", kMarkFirst},
    ForeignFormat{"tjgg"sv, "old GGML", kMarkFirst},
    ForeignFormat{"PK\x03\x04"sv, "PyTorch (zip)", kSavePretrained},
    // Pickle protocol 2, then the number 0x1950a86a20f9469cfc6c.
    ForeignFormat{"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"sv, "legacy PyTorch",
                  kSavePretrained},
    ForeignFormat{"\x80\x02"sv, "Python pickle", kSavePretrained},
    ForeignFormat{"\x89HDF\r\n\x1a\n"sv, "HDF5", kConvert},
    ForeignFormat{"\x93NUMPY"sv, "NumPy", kConvert},
    ForeignFormat{"version https://git-lfs.github.com/spec/"sv, "Git LFS pointer",
                  "the weights were not downloaded; run 'git lfs pull' in that folder"sv},
};

constexpr std::array kByName = {
    ForeignFormat{".ggml"sv, "old GGML", kMarkFirst},
    ForeignFormat{".bin"sv, "PyTorch", kSavePretrained},
    ForeignFormat{".pt"sv, "PyTorch", kSavePretrained},
    ForeignFormat{".pth"sv, "PyTorch", kSavePretrained},
    ForeignFormat{".ckpt"sv, "PyTorch, TensorFlow or MindSpore checkpoint", kConvert},
    ForeignFormat{".distcp"sv, "PyTorch distributed checkpoint", kConvert},
    ForeignFormat{".onnx"sv, "ONNX", kConvert},
    ForeignFormat{".h5"sv, "HDF5", kConvert},
    ForeignFormat{".hdf5"sv, "HDF5", kConvert},
    ForeignFormat{".msgpack"sv, "Flax", kConvert},
    ForeignFormat{".npz"sv, "NumPy", kConvert},
    ForeignFormat{".npy"sv, "NumPy", kConvert},
    ForeignFormat{".tar"sv, "tar archive", "unpack it first"sv},
    ForeignFormat{".zip"sv, "zip archive", "unpack it first"sv},
    ForeignFormat{"saved_model.pb"sv, "TensorFlow SavedModel", kConvert},
};

Error refusal(const std::filesystem::path& file, const ForeignFormat& format) {
  return Error(ErrorCode::unsupported, cat(escaped(file.filename().string()), ": is a ",
                                           format.name, " file, which is not read"))
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
  return first_match(path, kByContent, [&](const ForeignFormat& format) {
    return as_text(head).starts_with(format.sign);
  });
}

std::optional<Error> foreign_by_name(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  return first_match(path, kByName,
                     [&](const ForeignFormat& format) { return name.ends_with(format.sign); });
}

}  // namespace wmk::checkpoint
