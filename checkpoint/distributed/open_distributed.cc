#include "checkpoint/distributed/open_distributed.h"

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "checkpoint/distributed/boxes.h"
#include "checkpoint/distributed/file_part.h"
#include "checkpoint/distributed/metadata.h"
#include "checkpoint/distributed/model_names.h"
#include "checkpoint/files/shard_index.h"
#include "checkpoint/joined/pieces.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/torch/file.h"
#include "checkpoint/torch/unpickle.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

class DistributedOpener {
 public:
  explicit DistributedOpener(fs::path folder) : folder_(std::move(folder)) {
    contents_.format = "PyTorch distributed";
  }
  Status run();
  Contents take() { return std::move(contents_); }

 private:
  Result<DistributedMetadata> read_metadata();
  Status open_files(const DistributedMetadata& metadata);
  Status add(DistributedTensor&& tensor);
  Result<Tensor> read_chunk(const DistributedTensor& tensor, const DistributedChunk& chunk) const;
  void note_left_out(uint64_t count, std::string_view what);

  fs::path folder_;
  Contents contents_;
  std::map<std::string, uint32_t, std::less<>> files_;
  uint64_t left_out_ = 0;
};

Result<DistributedMetadata> DistributedOpener::read_metadata() {
  const fs::path path = folder_ / kDistributedMetadata;
  auto status = check_inside(folder_, path);
  if (!status) return std::move(status).error();
  auto file = ReadFile::open(path);
  if (!file) return std::move(file).error();
  if (file->size() > kPickleBytesMax) {
    return Error(ErrorCode::limit_exceeded, cat(file->name(), ": is too large"));
  }
  Bytes bytes(file->size());
  status = file->read_at(0, bytes);
  if (!status) return std::move(status).error();
  auto metadata = read_distributed_metadata(std::move(bytes));
  if (!metadata) return std::move(metadata).error().within(file->name());
  return metadata;
}

// Opens every file that has a chunk; their order is that of their names.
Status DistributedOpener::open_files(const DistributedMetadata& metadata) {
  for (const DistributedTensor& tensor : metadata.tensors) {
    for (const DistributedChunk& chunk : tensor.chunks) files_.emplace(chunk.file, 0);
  }
  for (auto& [name, index] : files_) {
    if (!is_bare_file_name(name) || !name.ends_with(kDistributedSuffix)) {
      return malformed(cat(kDistributedMetadata, ": '", escaped(name.substr(0, 200)),
                           "' is not the name of a file of this folder"));
    }
    auto status = check_inside(folder_, folder_ / name);
    if (status) status = check_limits(contents_, 0);
    if (!status) return status;
    auto file = ReadFile::open(folder_ / name);
    if (!file) return std::move(file).error();
    index = static_cast<uint32_t>(contents_.files.size());
    contents_.files.push_back(*std::move(file));
  }
  return {};
}

Result<Tensor> DistributedOpener::read_chunk(const DistributedTensor& tensor,
                                             const DistributedChunk& chunk) const {
  const uint32_t index = files_.find(chunk.file)->second;
  const ReadFile& file = contents_.files[index];
  const auto end = checked_sum(chunk.begin, chunk.bytes);
  if (!end || *end > file.size()) {
    return malformed(cat("its chunk ends past the end of ", file.name()));
  }
  auto stored = read_torch_tensor(part_of(file, chunk.begin, chunk.bytes), index, chunk.begin);
  if (!stored) return std::move(stored).error().within(file.name());
  if (stored->shape != chunk.sizes) {
    return malformed(cat("its chunk has the shape ", shape_text(stored->shape), ", not ",
                         shape_text(chunk.sizes)));
  }
  if (!stored->encoding && stored->dtype != *tensor.dtype) {
    return malformed(
        cat("its chunk is of type ", to_string(stored->dtype), ", not ", to_string(*tensor.dtype)));
  }
  return stored;
}

Status DistributedOpener::add(DistributedTensor&& tensor) {
  Whole whole{.name = tensor.name,
              .shape = tensor.shape,
              .dtype = *tensor.dtype,
              .sources = {},
              .pieces = {}};
  for (const DistributedChunk& chunk : tensor.chunks) {
    auto stored = read_chunk(tensor, chunk);
    if (!stored) return std::move(stored).error();
    auto status = add_box(whole, chunk.offsets, *std::move(stored));
    if (!status) return status;
  }
  if (whole.pieces.size() > 1 && !is_joinable(whole)) {
    ++left_out_;
    return {};
  }
  auto joined = join_pieces(std::move(whole));
  if (!joined) return std::move(joined).error();
  contents_.tensors.push_back(*std::move(joined));
  return {};
}

void DistributedOpener::note_left_out(uint64_t count, std::string_view what) {
  if (count == 0) return;
  contents_.notes.push_back(
      cat(kDistributedMetadata, ": ", count, count == 1 ? " tensor " : " tensors ", what));
}

Status DistributedOpener::run() {
  auto metadata = read_metadata();
  if (!metadata) return std::move(metadata).error();
  const uint64_t of_optimizer = drop_optimizer(metadata->tensors);
  const auto without_type = [](const DistributedTensor& tensor) { return !tensor.dtype; };
  const auto untyped = std::erase_if(metadata->tensors, without_type);
  drop_common_wrapper(metadata->tensors);
  auto status = open_files(*metadata);
  if (status) status = check_limits(contents_, metadata->tensors.size());
  if (!status) return status;
  for (DistributedTensor& tensor : metadata->tensors) {
    const std::string name = escaped(tensor.name.substr(0, 200));
    status = add(std::move(tensor));
    if (!status) return std::move(status).error().within(cat("tensor '", name, "'"));
  }
  std::sort(contents_.tensors.begin(), contents_.tensors.end(),
            [](const Tensor& a, const Tensor& b) {
              return std::tie(a.file, a.offset, a.name) < std::tie(b.file, b.offset, b.name);
            });
  note_left_out(of_optimizer, "of the optimizer not read");
  note_left_out(untyped, "of types that are not read left out");
  note_left_out(left_out_, "of integers in several chunks left out");
  return {};
}

}  // namespace

bool has_usual_model(const fs::path& folder) {
  std::error_code ignored;
  return has_safetensors(folder) || fs::exists(folder / kUsualTorch, ignored) ||
         fs::exists(folder / kUsualTorchIndex, ignored);
}

bool is_distributed_folder(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::exists(folder / kDistributedMetadata, ignored)) return false;
  const auto names = list_files(folder, kDistributedSuffix);
  return names && !names->empty() && !has_usual_model(folder);
}

Result<Contents> open_distributed(const fs::path& folder) {
  DistributedOpener opener(folder);
  if (auto status = opener.run(); !status) return std::move(status).error();
  return opener.take();
}

}  // namespace wmk::checkpoint
