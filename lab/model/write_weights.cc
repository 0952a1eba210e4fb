// Writing the files of a plan: each tensor is read, edited, rounded and written by one worker.
#include "base/bytes.h"
#include "base/file.h"
#include "base/parallel.h"
#include "base/text.h"
#include "checkpoint/numbers/narrow.h"
#include "checkpoint/write/safetensors_writer.h"
#include "lab/model/plan.h"

namespace wmk::lab {
namespace {

using checkpoint::Tensor;

bool is_untouched(const Plan& plan, const PlannedTensor& tensor) {
  return tensor.origin && !tensor.source && tensor.edits.empty() &&
         plan.base->tensors()[*tensor.origin].dtype == tensor.dtype;
}

std::vector<checkpoint::NewSafetensors> files_of(const Plan& plan) {
  std::vector<checkpoint::NewSafetensors> files;
  for (size_t i = 0; i < plan.files.size(); ++i) files.push_back({plan.files[i], plan.metadata[i]});
  return files;
}

Result<std::vector<Tensor>> tensors_of(const Plan& plan) {
  std::vector<Tensor> tensors;
  for (const PlannedTensor& tensor : plan.tensors) {
    if (tensor.dtype == checkpoint::DType::boolean || checkpoint::bits(tensor.dtype) % 8 == 0) {
      tensors.push_back({tensor.name, tensor.dtype, tensor.shape, tensor.file, 0, tensor.bytes()});
      continue;
    }
    return Error(ErrorCode::unsupported,
                 cat("tensor '", escaped(tensor.name), "': type ", to_string(tensor.dtype),
                     " is not stored in whole bytes"));
  }
  return tensors;
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

}  // namespace

Status write_weights(const Plan& plan, const std::filesystem::path& folder, unsigned threads,
                     Progress* progress) {
  auto tensors = tensors_of(plan);
  if (!tensors) return std::move(tensors).error();
  const auto files = files_of(plan);
  auto writer = checkpoint::SafetensorsWriter::create(folder, files, std::move(*tensors));
  if (!writer) return std::move(writer).error();
  uint64_t total = 0;
  for (const Tensor& place : writer->tensors()) total += place.bytes;
  if (progress) progress->begin("writing", total);
  auto written = parallel_for(plan.tensors.size(), threads, [&](size_t i, unsigned) -> Status {
    const Tensor& place = writer->tensors()[i];
    auto status = write_tensor(plan, plan.tensors[i], place, writer->file(place.file));
    if (progress && status) progress->advance(place.bytes);
    return status;
  });
  if (progress) progress->end();
  if (!written) return written;
  if (auto status = writer->finish(); !status) return status;
  if (files.size() < 2) return {};
  const std::string index = checkpoint::safetensors_index_text(files, writer->tensors());
  return write_whole(folder / plan.index_name, as_bytes(index), 0644, false);
}

}  // namespace wmk::lab
