#include "checkpoint/read_rectangle.h"

#include <algorithm>

#include "base/bytes.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::checkpoint {
namespace {

constexpr uint64_t kSourceBytes = 1 << 20;

}  // namespace

// Whole rows are read together, parts of rows one by one.
Status read_rectangle(std::span<const ReadFile> files, const Tensor& tensor, const Rectangle& part,
                      std::span<float> out) {
  if (tensor.encoding) return tensor.encoding->decode(files, part, out);
  const uint64_t columns = tensor.shape.empty() ? 1 : tensor.shape.back();
  const uint64_t element_bytes = bits(tensor.dtype) / 8;
  const bool whole_rows = part.columns == columns;
  const uint64_t run = whole_rows ? out.size() : part.columns;
  const uint64_t piece_max = kSourceBytes / element_bytes;
  Bytes buffer;
  for (uint64_t at = 0; at < out.size();) {
    const uint64_t row = part.first_row + (whole_rows ? 0 : at / part.columns);
    const uint64_t in_run = whole_rows ? at : at % part.columns;
    const uint64_t count = std::min(piece_max, run - in_run);
    buffer.resize(count * element_bytes);
    const uint64_t first = row * columns + part.first_column + in_run;
    auto status = files[tensor.file].read_at(tensor.offset + first * element_bytes, buffer);
    if (!status) return status;
    widen(tensor.dtype, buffer, out.subspan(at, count));
    at += count;
  }
  return {};
}

}  // namespace wmk::checkpoint
