// GGUF: one file, or the parts of a split one (specs/gguf.md).
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "checkpoint/contents.h"
#include "checkpoint/gguf/blocks.h"
#include "checkpoint/gguf/model.h"
#include "checkpoint/gguf/part_name.h"
#include "checkpoint/model_folder.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kPartsMax = 10'000;

// Checkpoint::read() addresses encoded tensors as floats.
Result<uint64_t> float_bytes(const Tensor& tensor) {
  const auto bytes = checked_product(tensor.elements(), sizeof(float));
  if (!bytes) return malformed(cat("tensor '", escaped(tensor.name), "': its size overflows"));
  return *bytes;
}

class GgufOpener {
 public:
  explicit GgufOpener(fs::path folder) : folder_(std::move(folder)) {}

  Status open_file(const fs::path& path);
  Status open_folder();
  Contents take() { return std::move(contents_); }

 private:
  Status add_file(const fs::path& path, uint64_t part, uint64_t parts);
  Status check_split(const GgufValues& values, uint64_t part, uint64_t parts);
  Status add_tensor(GgufTensor&& stored, const GgufValues& keys);

  fs::path folder_;
  Contents contents_;
  GgufValues first_;  // of part 1, which has all keys
  std::optional<uint64_t> split_tensors_;
};

Status GgufOpener::check_split(const GgufValues& values, uint64_t part, uint64_t parts) {
  const auto count = values.whole("split.count");
  const auto number = values.whole("split.no");
  if (count.value_or(1) != parts) {
    return malformed(
               cat("says that the model has ", count.value_or(1), " parts, its name says ", parts))
        .with_hint("parts are named NAME-00001-of-0000N.gguf");
  }
  if (parts == 1) return {};
  if (number != part - 1) {
    return malformed(cat("its name says part ", part, " of ", parts, ", split.no says ",
                         number ? to_text(*number) : "nothing"));
  }
  const auto count_of_all = values.whole("split.tensors.count");
  if (!count_of_all || (split_tensors_ && *split_tensors_ != *count_of_all)) {
    return malformed("split.tensors.count is missing or differs between parts");
  }
  split_tensors_ = count_of_all;
  return {};
}

Status GgufOpener::add_tensor(GgufTensor&& stored, const GgufValues& keys) {
  Tensor tensor{.name = std::move(stored.name), .shape = std::move(stored.shape)};
  tensor.file = static_cast<uint32_t>(contents_.files.size());
  tensor.offset = stored.offset;
  tensor.bytes = stored.bytes;
  const GgufType& type = *stored.type;
  const size_t rank = tensor.shape.size();
  uint64_t heads = 0;
  if (type.decode != nullptr && (rank == 1 || rank == 2) && tensor.elements() > 0) {
    heads = gguf_rotary_heads(keys, tensor.name);
  }
  if (heads > 0 && (heads > tensor.shape[0] || tensor.shape[0] % (2 * heads) != 0)) heads = 0;
  const uint64_t columns = rank == 0 ? 1 : tensor.shape.back();
  const GgufPlace place{tensor.file, stored.offset, stored.bytes, columns};
  if (heads > 0) {
    tensor.encoding = gguf_rotary_rows(type, place, tensor.shape[0], heads);
  } else if (!type.plain) {
    tensor.encoding = gguf_blocks(type, place);
  }
  tensor.dtype = tensor.encoding ? DType::f32 : *type.plain;
  if (tensor.encoding) {
    auto bytes = float_bytes(tensor);
    if (!bytes) return std::move(bytes).error();
    tensor.bytes = *bytes;
  }
  contents_.tensors.push_back(std::move(tensor));
  return {};
}

// Errors name the file.
Status GgufOpener::add_file(const fs::path& path, uint64_t part, uint64_t parts) {
  auto file = ReadFile::open(path);
  if (!file) return std::move(file).error();
  auto header = read_gguf_header(*file);
  if (!header) {
    if (header.error().code() == ErrorCode::io) return std::move(header).error();
    return std::move(header).error().within(file->name());
  }
  Status status = check_split(header->values, part, parts);
  if (part == 1) first_ = std::move(header->values);
  if (status) status = check_limits(contents_, header->tensors.size());
  for (GgufTensor& tensor : header->tensors) {
    if (status) status = add_tensor(std::move(tensor), first_);
  }
  if (!status) return std::move(status).error().within(file->name());
  contents_.files.push_back(*std::move(file));
  return {};
}

Status GgufOpener::open_file(const fs::path& path) {
  const auto name = gguf_part_name(path.filename().string());
  const uint64_t parts = name ? name->count : 1;
  if (parts > kPartsMax) {
    return Error(ErrorCode::limit_exceeded, cat("more than ", kPartsMax, " parts"));
  }
  for (uint64_t part = 1; part <= parts; ++part) {
    const bool named = !name || name->number == part;
    const fs::path file = named ? path : folder_ / name->file(part);
    Status status;
    if (!named) status = check_inside(folder_, file);
    if (status) status = add_file(file, part, parts);
    if (!status) return status;
  }
  if (split_tensors_ && *split_tensors_ != contents_.tensors.size()) {
    return malformed(cat(escaped(path.filename().string()), ": split.tensors.count is ",
                         *split_tensors_, ", the parts hold ", contents_.tensors.size()));
  }
  contents_.format = "GGUF";
  contents_.config = gguf_config(first_);
  contents_.tokens = gguf_tokens(first_);
  return {};
}

// Opens the only model of a folder: one file, or the parts of one model.
Status GgufOpener::open_folder() {
  const auto names = list_files(folder_, kGgufSuffix);
  if (!names) return names.error();
  const auto model_of = [](const std::string& file) {
    const auto part = gguf_part_name(file);
    return part ? part->file(1) : file;
  };
  std::vector<std::string> models;
  for (const std::string& file : *names) models.push_back(model_of(file));
  std::sort(models.begin(), models.end());
  models.erase(std::unique(models.begin(), models.end()), models.end());
  if (models.size() > 1) {
    std::string list;
    for (size_t i = 0; i < std::min<size_t>(models.size(), 8); ++i) {
      list += cat(i > 0 ? ", '" : "'", escaped(models[i]), "'");
    }
    if (models.size() > 8) list += cat(" and ", models.size() - 8, " more");
    return Error(ErrorCode::invalid_argument,
                 cat(escaped(folder_.string()), ": has ", models.size(), " GGUF models: ", list))
        .with_hint("name one of them instead of the folder");
  }
  const fs::path file = folder_ / models.at(0);
  if (auto status = check_inside(folder_, file); !status) return status;
  return open_file(file);
}

}  // namespace

bool holds_gguf(const fs::path& path, const fs::path& folder) {
  if (path == folder) {
    const auto ggufs = list_files(folder, kGgufSuffix);
    return ggufs && !ggufs->empty() && !has_safetensors(folder);
  }
  char sign[4] = {};
  auto file = ReadFile::open(path);
  return file && file->size() >= sizeof sign &&
         file->read_at(0, std::as_writable_bytes(std::span(sign))) &&
         std::string_view(sign, sizeof sign) == "GGUF";
}

Result<Contents> open_gguf(const fs::path& path, const fs::path& folder) {
  GgufOpener opener(folder);
  Status status = path == folder ? opener.open_folder() : opener.open_file(path);
  if (!status) return std::move(status).error();
  return opener.take();
}

}  // namespace wmk::checkpoint
