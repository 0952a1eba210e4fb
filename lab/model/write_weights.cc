// Executes a plan: writes the headers, then each tensor at its offset.
#include <algorithm>

#include "base/bytes.h"
#include "base/file.h"
#include "base/json.h"
#include "base/parallel.h"
#include "base/text.h"
#include "checkpoint/numbers/narrow.h"
#include "checkpoint/safetensors/safetensors.h"
#include "lab/model/plan.h"

namespace wmk::lab {
namespace {

using checkpoint::Tensor;

// The place of each tensor of the plan: Tensor::file and Tensor::offset in the new files.
struct Layout {
  std::vector<WriteFile> files;
  std::vector<Tensor> places;  // by tensor of the plan
};

bool is_untouched(const Plan& plan, const PlannedTensor& tensor) {
  return tensor.origin && !tensor.source && tensor.edits.empty() &&
         plan.base->tensors()[*tensor.origin].dtype == tensor.dtype;
}

Result<WriteFile> begin_file(const Plan& plan, uint32_t file, const std::filesystem::path& folder,
                             std::vector<Tensor>& places) {
  std::vector<Tensor> inside;
  for (const Tensor& place : places) {
    if (place.file == file) inside.push_back(place);
  }
  const std::string header = checkpoint::safetensors_header_bytes(inside, plan.metadata[file]);
  auto out = WriteFile::create(folder / plan.files[file]);
  if (!out) return out;
  if (auto status = out->write_at(0, as_bytes(header)); !status) return std::move(status).error();
  uint64_t offset = header.size();
  for (Tensor& place : places) {
    if (place.file != file) continue;
    place.offset = offset;
    offset += place.bytes;
  }
  return out;
}

Result<Layout> lay_out(const Plan& plan, const std::filesystem::path& folder) {
  Layout layout;
  for (const PlannedTensor& tensor : plan.tensors) {
    if (tensor.dtype == checkpoint::DType::boolean || checkpoint::bits(tensor.dtype) % 8 == 0) {
      layout.places.push_back(
          {tensor.name, tensor.dtype, tensor.shape, tensor.file, 0, tensor.bytes()});
      continue;
    }
    return Error(ErrorCode::unsupported,
                 cat("tensor '", escaped(tensor.name), "': type ", checkpoint::name(tensor.dtype),
                     " is not stored in whole bytes"));
  }
  for (uint32_t file = 0; file < plan.files.size(); ++file) {
    auto out = begin_file(plan, file, folder, layout.places);
    if (!out) return std::move(out).error();
    layout.files.push_back(std::move(*out));
  }
  return layout;
}

Status write_tensor(const Plan& plan, const PlannedTensor& tensor, const Tensor& place,
                    const WriteFile& out) {
  if (is_untouched(plan, tensor)) {
    const Tensor& stored = plan.base->tensors()[*tensor.origin];
    return out.copy_from(plan.base->files()[stored.file], stored.offset, place.offset, place.bytes);
  }
  auto values = values_of(plan.base.get(), tensor);
  if (!values) return std::move(values).error();
  Bytes bytes(place.bytes);
  checkpoint::narrow(tensor.dtype, *values, bytes);
  return out.write_at(place.offset, bytes);
}

std::string index_text(const Plan& plan) {
  uint64_t total = 0;
  std::vector<const PlannedTensor*> by_name;
  for (const PlannedTensor& tensor : plan.tensors) {
    total += tensor.bytes();
    by_name.push_back(&tensor);
  }
  std::sort(by_name.begin(), by_name.end(), [](auto* a, auto* b) { return a->name < b->name; });
  json::Writer writer;
  writer.begin_object().key("metadata").begin_object();
  writer.member("total_size", total).end_object();
  writer.key("weight_map").begin_object();
  for (const PlannedTensor* tensor : by_name) writer.member(tensor->name, plan.files[tensor->file]);
  writer.end_object().end_object();
  return writer.finish();
}

}  // namespace

Status write_weights(const Plan& plan, const std::filesystem::path& folder, unsigned threads,
                     Progress* progress) {
  auto layout = lay_out(plan, folder);
  if (!layout) return std::move(layout).error();
  uint64_t total = 0;
  for (const Tensor& place : layout->places) total += place.bytes;
  if (progress) progress->begin("writing", total);
  auto written = parallel_for(plan.tensors.size(), threads, [&](size_t i, unsigned) -> Status {
    const Tensor& place = layout->places[i];
    auto status = write_tensor(plan, plan.tensors[i], place, layout->files[place.file]);
    if (progress && status) progress->advance(place.bytes);
    return status;
  });
  if (progress) progress->end();
  if (!written) return written;
  for (WriteFile& file : layout->files) {
    if (auto status = file.finish(); !status) return status;
  }
  if (plan.files.size() < 2) return {};
  return write_whole(folder / plan.index_name, as_bytes(index_text(plan)), 0644, false);
}

}  // namespace wmk::lab
