#include "checkpoint/write/safetensors_writer.h"

#include <algorithm>

#include "base/json.h"
#include "checkpoint/safetensors/safetensors.h"

namespace wmk::checkpoint {

Result<SafetensorsWriter> SafetensorsWriter::create(const std::filesystem::path& folder,
                                                    const std::vector<NewSafetensors>& files,
                                                    std::vector<Tensor> tensors) {
  SafetensorsWriter writer;
  writer.tensors_ = std::move(tensors);
  for (uint32_t index = 0; index < files.size(); ++index) {
    std::vector<Tensor> inside;
    for (const Tensor& tensor : writer.tensors_) {
      if (tensor.file == index) inside.push_back(tensor);
    }
    const std::string header = safetensors_header_bytes(inside, files[index].metadata);
    auto file = WriteFile::create(folder / files[index].name);
    if (!file) return std::move(file).error();
    if (auto status = file->write_at(0, as_bytes(header)); !status) {
      return std::move(status).error();
    }
    uint64_t offset = header.size();
    for (Tensor& tensor : writer.tensors_) {
      if (tensor.file != index) continue;
      tensor.offset = offset;
      offset += tensor.bytes;
    }
    writer.files_.push_back(std::move(*file));
  }
  return writer;
}

Status SafetensorsWriter::finish() {
  for (WriteFile& file : files_) {
    if (auto status = file.finish(); !status) return status;
  }
  return {};
}

std::string safetensors_index_text(const std::vector<NewSafetensors>& files,
                                   const std::vector<Tensor>& tensors) {
  uint64_t total = 0;
  std::vector<const Tensor*> by_name;
  for (const Tensor& tensor : tensors) {
    total += tensor.bytes;
    by_name.push_back(&tensor);
  }
  std::sort(by_name.begin(), by_name.end(), [](auto* a, auto* b) { return a->name < b->name; });
  json::Writer writer;
  writer.begin_object().key("metadata").begin_object();
  writer.member("total_size", total).end_object();
  writer.key("weight_map").begin_object();
  for (const Tensor* tensor : by_name) writer.member(tensor->name, files[tensor->file].name);
  writer.end_object().end_object();
  return writer.finish();
}

}  // namespace wmk::checkpoint
