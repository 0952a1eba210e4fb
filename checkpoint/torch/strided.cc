#include "checkpoint/torch/strided.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/text.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::checkpoint {
namespace {

constexpr uint64_t kStridedBytes = 256 << 10;
constexpr uint64_t kLines = 16;  // transposed at once: the floats of a cache line

// Drops extents of 1 and joins neighbours that form one run of equal steps; the last extent (the
// columns) is not joined.
StridedView simplified(const StridedView& view) {
  StridedView out{.shape = {}, .strides = {}, .offset = view.offset};
  const size_t last = view.shape.empty() ? 0 : view.shape.size() - 1;
  for (size_t i = 0; i < view.shape.size(); ++i) {
    const uint64_t extent = view.shape[i], stride = view.strides[i];
    if (i != last && extent == 1) continue;
    if (i != last && !out.shape.empty() && out.strides.back() == extent * stride) {
      out.shape.back() *= extent;
      out.strides.back() = stride;
    } else {
      out.shape.push_back(extent);
      out.strides.push_back(stride);
    }
  }
  if (out.shape.empty()) {
    out.shape = {1};
    out.strides = {1};
  }
  if (out.shape.size() == 1) {
    out.shape.insert(out.shape.begin(), 1);
    out.strides.insert(out.strides.begin(), 0);
  }
  return out;
}

}  // namespace

uint64_t StridedView::elements() const {
  uint64_t count = 1;
  for (const uint64_t extent : shape) count *= extent;
  return count;
}

bool StridedView::is_packed() const {
  uint64_t step = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    if (shape[i] != 1 && strides[i] != step) return false;
    step *= shape[i];
  }
  return true;
}

bool StridedView::is_injective() const {
  std::vector<std::pair<uint64_t, uint64_t>> steps;  // stride, extent
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] > 1) steps.emplace_back(strides[i], shape[i]);
  }
  std::sort(steps.begin(), steps.end());
  uint64_t reach = 0;  // of all finer steps together
  for (const auto& [stride, extent] : steps) {
    if (stride <= reach) return false;
    reach += (extent - 1) * stride;
  }
  return true;
}

bool fits(const StridedView& view, uint64_t count) {
  std::optional<uint64_t> elements = 1;
  std::optional<uint64_t> last = view.offset;
  for (size_t i = 0; i < view.shape.size(); ++i) {
    if (elements) elements = checked_product(*elements, view.shape[i]);
    const uint64_t steps = view.shape[i] == 0 ? 0 : view.shape[i] - 1;
    const auto reach = checked_product(steps, view.strides[i]);
    last = last && reach ? checked_sum(*last, *reach) : std::nullopt;
  }
  if (!elements || !last) return false;
  return *elements == 0 ? view.offset <= count : *last < count;
}

StridedEncoding::StridedEncoding(uint32_t file, uint64_t begin, DType type, const StridedView& view)
    : file_(file),
      begin_(begin),
      type_(type),
      view_(simplified(view)),
      elements_(view.elements()),
      name_(cat(checkpoint::to_string(type), " in strides")) {}

uint64_t StridedEncoding::stored_bytes() const { return elements_ * (bits(type_) / 8); }

uint64_t StridedEncoding::place_of_row(uint64_t row) const {
  uint64_t place = view_.offset;
  for (size_t i = view_.shape.size() - 1; i-- > 0;) {
    place += row % view_.shape[i] * view_.strides[i];
    row /= view_.shape[i];
  }
  return place;
}

// Rows that differ only in the last extent before the columns are one block.
Status StridedEncoding::decode(std::span<const ReadFile> files, const Rectangle& part,
                               std::span<float> out) const {
  const size_t rank = view_.shape.size();
  const uint64_t run = view_.shape[rank - 2];
  Bytes buffer;
  uint64_t row = part.first_row;
  while (!out.empty()) {
    const uint64_t left = out.size() / part.columns;
    const Block block{.first = place_of_row(row) + part.first_column * view_.strides[rank - 1],
                      .rows = std::min(left, run - row % run),
                      .row_stride = view_.strides[rank - 2],
                      .columns = part.columns,
                      .column_stride = view_.strides[rank - 1]};
    const uint64_t count = block.rows * block.columns;
    auto status = decode_block(files[file_], block, out.first(count), buffer);
    if (!status) return status;
    out = out.subspan(count);
    row += block.rows;
  }
  return {};
}

// Lines close to each other are read together.
Status StridedEncoding::read_lines(const ReadFile& file, const Lines& lines, std::span<float> to,
                                   uint64_t to_step, Bytes& buffer) const {
  const uint64_t element_bytes = bits(type_) / 8;
  const uint64_t span = (lines.length - 1) * lines.step + 1;
  const uint64_t together = lines.line_step <= 2 * span ? lines.count : 1;
  buffer.resize(((together - 1) * lines.line_step + span) * element_bytes);
  for (uint64_t line = 0; line < lines.count; line += together) {
    const uint64_t place = lines.first + line * lines.line_step;
    auto status = file.read_at(begin_ + place * element_bytes, buffer);
    if (!status) return status;
    for (uint64_t k = 0; k < together; ++k) {
      const ByteView stored =
          ByteView(buffer).subspan(k * lines.line_step * element_bytes, span * element_bytes);
      widen_strided(type_, stored, lines.step, to.subspan((line + k) * to_step, lines.length));
    }
  }
  return {};
}

// Reads along the smaller of the two steps. If that is along the columns, several columns are read
// and transposed together.
Status StridedEncoding::decode_block(const ReadFile& file, const Block& block, std::span<float> out,
                                     Bytes& buffer) const {
  const bool along_row = block.column_stride <= block.row_stride || block.rows == 1;
  const uint64_t step = along_row ? block.column_stride : block.row_stride;
  const uint64_t line_step = along_row ? block.row_stride : block.column_stride;
  const uint64_t length = along_row ? block.columns : block.rows;
  const uint64_t lines = along_row ? block.rows : block.columns;
  const uint64_t piece_max =
      std::max<uint64_t>(1, kStridedBytes / (std::max<uint64_t>(step, 1) * (bits(type_) / 8)));
  std::vector<float> turned(along_row ? 0 : kLines * std::min(length, piece_max));
  for (uint64_t at = 0; at < length; at += piece_max) {
    const uint64_t piece = std::min(piece_max, length - at);
    for (uint64_t line = 0; line < lines; line += kLines) {
      const uint64_t count = std::min(kLines, lines - line);
      const Lines some{block.first + at * step + line * line_step, piece, step, count, line_step};
      const auto to = along_row ? out.subspan(line * block.columns + at) : std::span(turned);
      const uint64_t to_step = along_row ? block.columns : piece;
      if (auto status = read_lines(file, some, to, to_step, buffer); !status) return status;
      if (along_row) continue;
      for (uint64_t r = 0; r < piece; ++r) {
        float* row = out.data() + (at + r) * block.columns + line;
        for (uint64_t k = 0; k < count; ++k) row[k] = turned[k * piece + r];
      }
    }
  }
  return {};
}

}  // namespace wmk::checkpoint
