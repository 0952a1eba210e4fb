#include "library/facade/model_access.h"

#include <set>

#include "base/text.h"
#include "checkpoint/files/weights_file.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/safetensors/safetensors.h"
#include "checkpoint/write/copy.h"

namespace wmk::library {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t kCompanionBytesMax = 256ull << 20;

Result<checkpoint::Tensor> described(const weightmark::MemoryTensor& tensor) {
  const auto refuse = [&](std::string_view why) {
    return Error(ErrorCode::invalid_argument, cat("tensor '", escaped(tensor.name), "': ", why));
  };
  const auto type = checkpoint::parse_dtype(tensor.dtype);
  if (!type) return refuse(cat("unknown type '", escaped(tensor.dtype), "'"));
  if (tensor.data == nullptr && tensor.bytes > 0) return refuse("has no data");
  checkpoint::Tensor out;
  out.name = tensor.name;
  out.dtype = *type;
  out.shape = tensor.shape;
  out.bytes = tensor.bytes;
  return out;
}

// Config, tokenizer and whatever else may describe the tensors: all files but weights and indexes.
Status copy_descriptions(const fs::path& from, const fs::path& to) {
  const auto names = checkpoint::list_files(from, "");
  if (!names) return names.error();
  for (const std::string& name : *names) {
    const fs::path file = from / name;
    if (name.ends_with(".index.json") || checkpoint::weights_format_of_name(name)) continue;
    if (Status status = checkpoint::check_inside(from, file); !status) return status;
    std::error_code failure;
    if (fs::file_size(file, failure) > kCompanionBytesMax || checkpoint::is_weights_file(file)) {
      continue;
    }
    if (Status status = checkpoint::copy_companion(file, to / name); !status) return status;
  }
  return {};
}

}  // namespace

Result<ModelAccess> ModelAccess::open(const weightmark::Model& model) {
  if (model.path.empty() && model.tensors.empty()) {
    return Error(ErrorCode::invalid_argument, "the model has neither a path nor tensors");
  }
  ModelAccess out;
  out.place_ = {model.path, model.base, model.naming};
  if (!model.tensors.empty()) {
    if (Status status = out.mount(model); !status) return std::move(status).error();
  }
  return out;
}

Status ModelAccess::mount(const weightmark::Model& model) {
  if (!model.base.empty()) {
    return Error(ErrorCode::invalid_argument, "tensors in memory cannot have a base");
  }
  std::vector<checkpoint::Tensor> tensors;
  std::vector<std::span<std::byte>> pieces(1);
  std::set<const void*> seen;
  for (const weightmark::MemoryTensor& each : model.tensors) {
    if (each.bytes > 0 && !seen.insert(each.data).second) continue;
    auto tensor = described(each);
    if (!tensor) return std::move(tensor).error();
    tensors.push_back(*std::move(tensor));
    pieces.emplace_back(static_cast<std::byte*>(each.data), each.bytes);
  }
  header_ = std::make_unique<std::string>(checkpoint::safetensors_header_bytes(tensors, {}));
  pieces.front() = std::as_writable_bytes(std::span(*header_));
  auto folder = PrivateFolder::make("memory");
  if (!folder) return std::move(folder).error();
  folder_.emplace(*std::move(folder));
  Status status = model.path.empty() ? Status() : copy_descriptions(model.path, folder_->path());
  if (status) status = write_whole(weights(), {}, 0600, false);
  if (!status) return status;
  mount_.emplace(weights(), std::make_shared<MemoryBytes>(pieces));
  place_.path = folder_->path().string();
  return {};
}

std::string ModelAccess::weights() const {
  return (*folder_ / checkpoint::kUsualSafetensors).string();
}

Result<ModelPlace> place_of(const std::optional<weightmark::Model>& model,
                            std::vector<ModelAccess>& accesses) {
  if (!model) return ModelPlace();
  auto access = ModelAccess::open(*model);
  if (!access) return std::move(access).error();
  accesses.push_back(*std::move(access));
  return accesses.back().place();
}

}  // namespace wmk::library
