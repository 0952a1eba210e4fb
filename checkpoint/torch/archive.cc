#include "checkpoint/torch/archive.h"

#include <utility>

#include "base/text.h"
#include "checkpoint/torch/unpickle.h"

namespace wmk::checkpoint {
namespace {

constexpr std::string_view kPickle = "data.pkl";
constexpr uint64_t kWordBytesMax = 64;

// The folder of all entries.
Result<std::string> common_folder(const ZipDirectory& directory) {
  const auto no_torch = [] {
    return Error(ErrorCode::unsupported, "is a zip archive, but not one of PyTorch")
        .with_hint("unpack it first");
  };
  if (directory.entries.empty()) return no_torch();
  const std::string& first = directory.entries.front().name;
  const std::string folder = first.substr(0, first.find('/') + 1);
  if (folder.empty() || !directory.find(folder + std::string(kPickle))) return no_torch();
  for (const ZipEntry& entry : directory.entries) {
    if (entry.name.starts_with(folder)) continue;
    return malformed(cat("entry '", escaped(entry.name), "': is outside '", escaped(folder), "'"));
  }
  return folder;
}

}  // namespace

Result<TorchArchive> TorchArchive::open(const ReadFile& file) {
  auto directory = read_zip_directory(file);
  if (!directory) return std::move(directory).error();
  auto folder = common_folder(*directory);
  if (!folder) return std::move(folder).error();
  TorchArchive archive(*std::move(directory), *std::move(folder));
  if (auto status = archive.check(file); !status) return std::move(status).error();
  return archive;
}

const ZipEntry* TorchArchive::find(std::string_view name) const {
  return directory_.find(cat(folder_, name));
}

const ZipEntry* TorchArchive::storage(std::string_view key) const {
  return directory_.find(cat(folder_, "data/", key));
}

Result<std::string> TorchArchive::word(const ReadFile& file, std::string_view name) const {
  const ZipEntry* entry = find(name);
  if (entry == nullptr) return std::string();
  if (entry->bytes > kWordBytesMax) return malformed(cat("entry '", name, "' is too long"));
  Bytes bytes(entry->bytes);
  if (auto status = file.read_at(entry->offset, bytes); !status) return std::move(status).error();
  return std::string(trimmed(as_text(bytes)));
}

Status TorchArchive::check(const ReadFile& file) const {
  if (find("constants.pkl") != nullptr) {
    return Error(ErrorCode::unsupported, "is a TorchScript program, not a checkpoint")
        .with_hint("load it with torch.jit.load and save its state_dict()");
  }
  const auto order = word(file, "byteorder");
  if (!order) return order.error();
  if (!order->empty() && *order != "little") {
    return Error(ErrorCode::unsupported, cat("byte order '", escaped(*order), "' is not read"))
        .with_hint("load it with torch and save it on a little-endian machine");
  }
  return {};
}

Result<Bytes> TorchArchive::read_pickle(const ReadFile& file) const {
  const ZipEntry* entry = find(kPickle);
  if (entry->bytes > kPickleBytesMax) {
    return Error(ErrorCode::limit_exceeded,
                 cat("data.pkl has more than ", kPickleBytesMax, " bytes"));
  }
  Bytes bytes(entry->bytes);
  if (auto status = file.read_at(entry->offset, bytes); !status) return std::move(status).error();
  return bytes;
}

}  // namespace wmk::checkpoint
