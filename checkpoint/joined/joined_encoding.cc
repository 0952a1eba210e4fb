#include "checkpoint/joined/joined_encoding.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "checkpoint/read_rectangle.h"

namespace wmk::checkpoint {

JoinedEncoding::JoinedEncoding(Whole&& whole, std::vector<PieceBand> bands,
                               std::vector<uint32_t> order)
    : sources_(std::move(whole.sources)),
      pieces_(std::move(whole.pieces)),
      bands_(std::move(bands)),
      order_(std::move(order)),
      name_(cat(checkpoint::to_string(whole.dtype), " in pieces")) {
  for (const Piece& piece : pieces_) {
    stored_bytes_ += piece.place.rows * piece.place.columns * (bits(whole.dtype) / 8);
  }
}

Status JoinedEncoding::decode(std::span<const ReadFile> files, const Rectangle& part,
                              std::span<float> out) const {
  const auto above =
      std::upper_bound(bands_.begin(), bands_.end(), part.first_row,
                       [](uint64_t row, const PieceBand& band) { return row < band.first_row; });
  size_t band = static_cast<size_t>(above - bands_.begin()) - 1;
  const uint64_t end = part.first_row + part.rows;
  for (uint64_t row = part.first_row; row < end; ++band) {
    const uint64_t rows = std::min(end, bands_[band + 1].first_row) - row;
    const Rectangle rest{row, rows, part.first_column, part.columns};
    auto status = decode_band(files, band, rest, out.first(rows * part.columns));
    if (!status) return status;
    out = out.subspan(rows * part.columns);
    row += rows;
  }
  return {};
}

// Pieces that do not have all columns of `part` are read into a buffer and copied.
Status JoinedEncoding::decode_band(std::span<const ReadFile> files, size_t band,
                                   const Rectangle& part, std::span<float> out) const {
  const std::span<const uint32_t> side_by_side(order_.data() + bands_[band].first,
                                               bands_[band + 1].first - bands_[band].first);
  const auto ends_before = [&](uint32_t index, uint64_t column) {
    return pieces_[index].place.first_column + pieces_[index].place.columns <= column;
  };
  auto at =
      std::lower_bound(side_by_side.begin(), side_by_side.end(), part.first_column, ends_before);
  std::vector<float> buffer;
  const uint64_t end = part.first_column + part.columns;
  for (uint64_t column = part.first_column; column < end; ++at) {
    const Piece& piece = pieces_[*at];
    const uint64_t columns = std::min(end, piece.place.first_column + piece.place.columns) - column;
    const Rectangle stored{piece.first_row + part.first_row - piece.place.first_row, part.rows,
                           piece.first_column + column - piece.place.first_column, columns};
    const bool is_all = columns == part.columns;
    if (!is_all) buffer.resize(part.rows * columns);
    const auto to = is_all ? out : std::span<float>(buffer);
    auto status = read_rectangle(files, sources_[piece.source], stored, to);
    if (!status) return status;
    for (uint64_t row = 0; !is_all && row < part.rows; ++row) {
      std::copy_n(
          buffer.begin() + static_cast<ptrdiff_t>(row * columns), columns,
          out.begin() + static_cast<ptrdiff_t>(row * part.columns + column - part.first_column));
    }
    column += columns;
  }
  return {};
}

}  // namespace wmk::checkpoint
