#include "checkpoint/files/foreign_format.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/file.h"
#include "base/text.h"

namespace wmk::checkpoint {
namespace {

using namespace std::string_view_literals;

// What turns it into something that is read, tool by tool.
constexpr auto kSavePretrained =
    "load it with transformers and write it with save_pretrained, which makes safetensors"sv;
constexpr auto kFromFlax =
    "load it with transformers 4 (from_flax=True) and write it with save_pretrained"sv;
constexpr auto kFromTensorFlow =
    "load it with transformers 4 (from_tf=True) and write it with save_pretrained"sv;
constexpr auto kMarkFirst = "mark the safetensors checkpoint and convert the result"sv;
constexpr auto kFromOnnx =
    "turn it back with onnx2torch and save the weights with safetensors.torch.save_file"sv;
constexpr auto kFromNumpy = "load it with numpy and write it with safetensors.numpy.save_file"sv;
constexpr auto kFromShards =
    "merge it with 'python -m torch.distributed.checkpoint.format_utils dcp_to_torch' first"sv;
constexpr auto kEngine =
    "a compiled engine cannot be turned back; ask for the checkpoint that it was built from"sv;
constexpr auto kDecrypt = "decrypt it first, with the tool and the key it was encrypted with"sv;

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
    ForeignFormat{"age-encryption.org/v1\n"sv, "age (encrypted)", kDecrypt},
    ForeignFormat{"-----BEGIN PGP MESSAGE-----"sv, "GnuPG (encrypted)", kDecrypt},
    ForeignFormat{"Salted__"sv, "OpenSSL (encrypted)", kDecrypt},
    ForeignFormat{"\x89HDF\r\n\x1a\n"sv, "HDF5", kFromTensorFlow},
    ForeignFormat{"\x93NUMPY"sv, "NumPy", kFromNumpy},
    ForeignFormat{"version https://git-lfs.github.com/spec/"sv, "Git LFS pointer",
                  "the weights were not downloaded; run 'git lfs pull' in that folder"sv},
};

constexpr std::array kByName = {
    ForeignFormat{".ggml"sv, "old GGML", kMarkFirst},
    ForeignFormat{".bin"sv, "PyTorch", kSavePretrained},
    ForeignFormat{".pt"sv, "PyTorch", kSavePretrained},
    ForeignFormat{".pth"sv, "PyTorch", kSavePretrained},
    ForeignFormat{".ckpt"sv, "PyTorch, TensorFlow or MindSpore checkpoint", kSavePretrained},
    ForeignFormat{".distcp"sv, "PyTorch distributed checkpoint", kFromShards},
    ForeignFormat{".onnx"sv, "ONNX", kFromOnnx},
    ForeignFormat{".engine"sv, "TensorRT engine", kEngine},
    ForeignFormat{".plan"sv, "TensorRT engine", kEngine},
    ForeignFormat{".trt"sv, "TensorRT engine", kEngine},
    ForeignFormat{".tflite"sv, "LiteRT (TensorFlow Lite)", kEngine},
    ForeignFormat{".pte"sv, "ExecuTorch", kEngine},
    ForeignFormat{".mlpackage"sv, "Core ML", kEngine},
    ForeignFormat{".mlmodel"sv, "Core ML", kEngine},
    ForeignFormat{".gpg"sv, "GnuPG (encrypted)", kDecrypt},
    ForeignFormat{".age"sv, "age (encrypted)", kDecrypt},
    ForeignFormat{".enc"sv, "encrypted", kDecrypt},
    ForeignFormat{".h5"sv, "HDF5", kFromTensorFlow},
    ForeignFormat{".hdf5"sv, "HDF5", kFromTensorFlow},
    ForeignFormat{".msgpack"sv, "Flax", kFromFlax},
    ForeignFormat{".npz"sv, "NumPy", kFromNumpy},
    ForeignFormat{".npy"sv, "NumPy", kFromNumpy},
    ForeignFormat{".tar"sv, "tar archive", "unpack it first"sv},
    ForeignFormat{".zip"sv, "zip archive", "unpack it first"sv},
    ForeignFormat{"saved_model.pb"sv, "TensorFlow SavedModel", kFromTensorFlow},
};

Error refusal(const std::filesystem::path& file, const ForeignFormat& format) {
  const bool vowel = "AEHIOaeio"sv.find(format.name.front()) != std::string_view::npos;
  return Error(ErrorCode::unsupported,
               cat(escaped(file.filename().string()), ": is ", vowel ? "an " : "a ", format.name,
                   " file, which is not read"))
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
