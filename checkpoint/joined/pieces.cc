#include "checkpoint/joined/pieces.h"

#include <algorithm>
#include <memory>
#include <set>

#include "base/text.h"
#include "checkpoint/joined/joined_encoding.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::checkpoint {
namespace {

bool reaches_out(uint64_t first, uint64_t count, uint64_t extent) {
  return first > extent || count > extent - first;
}

Status check_places(const Whole& whole, uint64_t rows, uint64_t columns) {
  for (const Piece& piece : whole.pieces) {
    const Rectangle& place = piece.place;
    if (reaches_out(place.first_row, place.rows, rows) ||
        reaches_out(place.first_column, place.columns, columns)) {
      return malformed("a piece reaches out of the tensor");
    }
    const auto source = matrix_extents(whole.sources[piece.source].shape);
    if (!source || reaches_out(piece.first_row, place.rows, source->first) ||
        reaches_out(piece.first_column, place.columns, source->second)) {
      return malformed("a piece is larger than what is stored of it");
    }
  }
  return {};
}

// Rows where a piece begins or ends, rising.
std::vector<uint64_t> row_cuts(const std::vector<Piece>& pieces) {
  std::vector<uint64_t> cuts;
  for (const Piece& piece : pieces) {
    cuts.push_back(piece.place.first_row);
    cuts.push_back(piece.place.first_row + piece.place.rows);
  }
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  return cuts;
}

struct Bands {
  std::vector<PieceBand> bands;
  std::vector<uint32_t> order;
};

// Sweeps over the rows: the pieces of each band must lie side by side and fill all columns.
Result<Bands> divide(const Whole& whole, uint64_t rows, uint64_t columns) {
  const auto& pieces = whole.pieces;
  const std::vector<uint64_t> cuts = row_cuts(pieces);
  if (cuts.front() != 0 || cuts.back() != rows) return malformed("its pieces leave a hole");
  std::vector<uint32_t> by_row(pieces.size());
  for (uint32_t i = 0; i < by_row.size(); ++i) by_row[i] = i;
  std::sort(by_row.begin(), by_row.end(), [&](uint32_t a, uint32_t b) {
    return pieces[a].place.first_row < pieces[b].place.first_row;
  });
  Bands out;
  std::set<std::pair<uint64_t, uint32_t>> active;  // first column, piece
  size_t next = 0;
  for (size_t band = 0; band + 1 < cuts.size(); ++band) {
    std::erase_if(active, [&](const auto& each) {
      const Rectangle& place = pieces[each.second].place;
      return place.first_row + place.rows <= cuts[band];
    });
    for (; next < by_row.size() && pieces[by_row[next]].place.first_row == cuts[band]; ++next) {
      active.emplace(pieces[by_row[next]].place.first_column, by_row[next]);
    }
    out.bands.push_back({cuts[band], out.order.size()});
    uint64_t column = 0;
    for (const auto& [first, index] : active) {
      if (first < column) return malformed("its pieces overlap");
      if (first > column) return malformed("its pieces leave a hole");
      column += pieces[index].place.columns;
      out.order.push_back(index);
    }
    if (column != columns) return malformed("its pieces leave a hole");
    if (out.order.size() > kPieceCrossingsMax) {
      return Error(ErrorCode::limit_exceeded, "its pieces cross too often");
    }
  }
  out.bands.push_back({rows, out.order.size()});
  return out;
}

// One piece of whole rows of a plain tensor.
bool is_in_one_place(const Whole& whole, uint64_t columns) {
  if (whole.pieces.size() != 1) return false;
  const Tensor& source = whole.sources[whole.pieces[0].source];
  const auto stored = matrix_extents(source.shape);
  return !source.encoding && stored && stored->second == columns;
}

}  // namespace

std::optional<std::pair<uint64_t, uint64_t>> matrix_extents(const std::vector<uint64_t>& shape) {
  std::optional<uint64_t> all = sizeof(double);  // the widest element
  for (const uint64_t extent : shape) {
    if (all) all = checked_product(*all, extent);
  }
  if (!all) return std::nullopt;
  uint64_t rows = 1;
  for (size_t i = 0; i + 1 < shape.size(); ++i) {
    const auto product = checked_product(rows, shape[i]);  // an extent of 0 may come later
    if (!product) return std::nullopt;
    rows = *product;
  }
  return std::pair(rows, shape.empty() ? 1 : shape.back());
}

bool is_joinable(const Whole& whole) {
  return std::all_of(whole.sources.begin(), whole.sources.end(), [](const Tensor& source) {
    return source.encoding != nullptr || has_float_value(source.dtype);
  });
}

void add_run(Whole& whole, uint64_t first, uint64_t count, uint32_t file, uint64_t offset) {
  const uint64_t columns = whole.shape.empty() ? 1 : whole.shape.back();
  const uint64_t element_bytes = bits(whole.dtype) / 8;
  while (count > 0) {
    Rectangle place{first / columns, 1, first % columns, 0};
    place.columns = std::min(count, columns - place.first_column);
    if (place.columns == columns) place.rows = count / columns;
    const uint64_t taken = place.rows * place.columns;
    whole.pieces.push_back({place, static_cast<uint32_t>(whole.sources.size()), 0, 0});
    whole.sources.push_back({.name = whole.name,
                             .dtype = whole.dtype,
                             .shape = {place.rows, place.columns},
                             .file = file,
                             .offset = offset,
                             .bytes = taken * element_bytes});
    first += taken;
    count -= taken;
    offset += taken * element_bytes;
  }
}

Result<Tensor> join_pieces(Whole&& whole) {
  const auto matrix = matrix_extents(whole.shape);
  if (!matrix) return malformed("its size overflows");
  const auto [rows, columns] = *matrix;
  if (whole.pieces.size() > kPiecesMax) {
    return Error(ErrorCode::limit_exceeded, cat("more than ", kPiecesMax, " pieces"));
  }
  if (auto status = check_places(whole, rows, columns); !status) return std::move(status).error();
  std::erase_if(whole.pieces, [](const Piece& piece) {
    return piece.place.rows == 0 || piece.place.columns == 0;
  });
  Tensor out{.name = whole.name, .dtype = whole.dtype, .shape = whole.shape};
  if (rows * columns == 0) return out;
  if (whole.pieces.empty()) return malformed("its pieces leave a hole");
  auto bands = divide(whole, rows, columns);
  if (!bands) return std::move(bands).error();
  const Piece& first = whole.pieces.front();
  const Tensor& source = whole.sources[first.source];
  out.file = source.file;
  out.offset = source.offset;
  if (is_in_one_place(whole, columns)) {
    const uint64_t element_bytes = bits(whole.dtype) / 8;
    out.offset += first.first_row * columns * element_bytes;
    out.bytes = rows * columns * element_bytes;
    return out;
  }
  if (!is_joinable(whole)) {
    return Error(ErrorCode::unsupported,
                 cat("pieces of type ", to_string(whole.dtype), " are not joined"));
  }
  out.dtype = DType::f32;
  out.bytes = rows * columns * sizeof(float);
  out.encoding = std::make_shared<JoinedEncoding>(std::move(whole), std::move(bands->bands),
                                                  std::move(bands->order));
  return out;
}

}  // namespace wmk::checkpoint
