// Reading the values of a tensor.
#include <algorithm>

#include "base/text.h"
#include "checkpoint/checkpoint.h"

namespace wmk::checkpoint {

Status Checkpoint::read(const Tensor& tensor, uint64_t offset, std::span<std::byte> out) const {
  const auto end = checked_sum(offset, out.size());
  if (!end || *end > tensor.bytes) {
    return Error(ErrorCode::invalid_argument,
                 cat("tensor '", escaped(tensor.name), "': read past its end"));
  }
  if (tensor.encoding) {
    const std::span floats(reinterpret_cast<float*>(out.data()), out.size() / sizeof(float));
    return decode_run(tensor, offset / sizeof(float), floats);
  }
  auto status = contents_.files[tensor.file].read_at(tensor.offset + offset, out);
  if (!status) return std::move(status).error().within(cat("tensor '", escaped(tensor.name), "'"));
  return {};
}

Status Checkpoint::read_runs(const Tensor& tensor, Runs runs, std::span<std::byte> out) const {
  const auto span = checked_product(std::max<uint64_t>(runs.count, 1) - 1, runs.stride);
  const auto begin = span ? checked_sum(*span, runs.offset) : std::nullopt;
  const auto end = begin ? checked_sum(*begin, runs.bytes) : std::nullopt;
  if (!end || *end > tensor.bytes || tensor.encoding) {
    return Error(ErrorCode::invalid_argument,
                 cat("tensor '", escaped(tensor.name), "': read past its end"));
  }
  runs.offset += tensor.offset;
  auto status = contents_.files[tensor.file].read_runs(runs, out);
  if (!status) return std::move(status).error().within(cat("tensor '", escaped(tensor.name), "'"));
  return {};
}

Status Checkpoint::decode(const Tensor& tensor, const Rectangle& part, std::span<float> out) const {
  auto status = tensor.encoding->decode(contents_.files, part, out);
  if (!status) return std::move(status).error().within(cat("tensor '", escaped(tensor.name), "'"));
  return {};
}

// Elements [first, first + out.size()): the rest of a row, then whole rows, then part of a row.
Status Checkpoint::decode_run(const Tensor& tensor, uint64_t first, std::span<float> out) const {
  const uint64_t columns = tensor.shape.empty() ? 1 : tensor.shape.back();
  while (!out.empty()) {
    const Rectangle part = start_of_run(first, columns, out.size());
    const uint64_t count = part.rows * part.columns;
    if (auto status = decode(tensor, part, out.first(count)); !status) return status;
    first += count;
    out = out.subspan(count);
  }
  return {};
}

}  // namespace wmk::checkpoint
