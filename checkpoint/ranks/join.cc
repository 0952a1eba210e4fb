#include "checkpoint/ranks/join.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "checkpoint/joined/pieces.h"

namespace wmk::checkpoint {
namespace {

// The rows of a rank are sections, and those of all ranks make the same section of the whole.
struct Section {
  uint64_t rows = 0;    // of one rank
  uint64_t copies = 1;  // neighbouring ranks that hold the same rows
};

Status check_alike(const std::vector<Tensor>& ranks) {
  for (const Tensor& each : ranks) {
    if (each.dtype != ranks[0].dtype || each.shape != ranks[0].shape) {
      return malformed(cat("has the shape ", shape_text(ranks[0].shape), " on one rank and ",
                           shape_text(each.shape), " on another, or another type"));
    }
  }
  return {};
}

// A vector is one row; its elements take the place of rows.
Rectangle range_of(bool is_vector, uint64_t first, uint64_t count, uint64_t columns) {
  return is_vector ? Rectangle{0, 1, first, count} : Rectangle{first, count, 0, columns};
}

// Section by section, the parts of all ranks one below the other.
Result<Tensor> join_rows(RankTensors&& parts, const std::vector<Section>& sections) {
  auto& ranks = parts.ranks;
  const std::vector<uint64_t> shape = ranks[0].shape;
  const bool is_vector = shape.size() == 1;
  const uint64_t columns = is_vector ? 1 : shape[1];
  Whole whole{.name = std::move(parts.name),
              .shape = shape,
              .dtype = ranks[0].dtype,
              .sources = {},
              .pieces = {}};
  uint64_t place = 0, stored = 0;
  for (const Section& section : sections) {
    for (size_t rank = 0; rank < ranks.size(); rank += section.copies) {
      const Rectangle from = range_of(is_vector, stored, section.rows, columns);
      whole.pieces.push_back({range_of(is_vector, place, section.rows, columns),
                              static_cast<uint32_t>(rank), from.first_row, from.first_column});
      place += section.rows;
    }
    stored += section.rows;
  }
  whole.shape[0] = place;
  whole.sources = std::move(ranks);
  return join_pieces(std::move(whole));
}

Result<Tensor> join_columns(RankTensors&& parts) {
  auto& ranks = parts.ranks;
  const uint64_t rows = ranks[0].shape[0], columns = ranks[0].shape[1];
  Whole whole{.name = std::move(parts.name),
              .shape = {rows, columns * ranks.size()},
              .dtype = ranks[0].dtype,
              .sources = {},
              .pieces = {}};
  for (uint32_t rank = 0; rank < ranks.size(); ++rank) {
    whole.pieces.push_back({{0, rows, rank * columns, columns}, rank, 0, 0});
  }
  whole.sources = std::move(ranks);
  return join_pieces(std::move(whole));
}

// Sections of the rows of one rank: one, two halves, or q, k and v. None: not known.
Result<std::vector<Section>> sections_of(const RankTensors& parts) {
  const uint64_t rows = parts.ranks[0].shape[0], ranks = parts.ranks.size();
  if (parts.split == Split::gate_up) {
    if (rows % 2 != 0) return malformed("has an odd number of gate and up rows");
    return std::vector<Section>{{rows / 2}, {rows / 2}};
  }
  if (parts.split != Split::query_key_value) return std::vector<Section>{{rows}};
  const uint64_t heads = parts.attention->heads, kv_heads = parts.attention->kv_heads;
  if (heads == 0 || kv_heads == 0) return malformed("config.json says that there are no heads");
  const bool is_even = heads % ranks == 0 && heads % kv_heads == 0 &&
                       (kv_heads % ranks == 0 || ranks % kv_heads == 0);
  const uint64_t kv_of_rank = std::max<uint64_t>(1, kv_heads / ranks);
  const uint64_t of_rank = heads / ranks + 2 * kv_of_rank;
  if (!is_even || rows % of_rank != 0) {
    return malformed(cat("has ", rows, " rows on each of ", ranks, " ranks, which do not hold ",
                         heads, " heads and ", kv_heads, " key/value heads"));
  }
  const uint64_t size = rows / of_rank;
  const uint64_t copies = std::max<uint64_t>(1, ranks / kv_heads);
  return std::vector<Section>{
      {heads / ranks * size}, {kv_of_rank * size, copies}, {kv_of_rank * size, copies}};
}

}  // namespace

Result<std::optional<Tensor>> join_ranks(RankTensors&& parts) {
  auto& ranks = parts.ranks;
  if (ranks.size() == 1 || parts.split == Split::same) {
    if (auto status = check_alike(ranks); !status) return std::move(status).error();
    ranks[0].name = std::move(parts.name);
    return std::optional(std::move(ranks[0]));
  }
  const size_t dimensions = ranks[0].shape.size();
  const bool is_known = parts.split != Split::unknown && (dimensions == 1 || dimensions == 2) &&
                        (parts.split != Split::query_key_value || parts.attention) &&
                        (parts.split != Split::inputs || dimensions == 2);
  if (!is_known) return std::optional<Tensor>();
  if (auto status = check_alike(ranks); !status) return std::move(status).error();
  const auto size = checked_product(ranks[0].elements(), ranks.size());
  if (!size) return malformed("its size overflows");
  Result<Tensor> joined = malformed("");
  if (parts.split == Split::inputs) {
    joined = join_columns(std::move(parts));
  } else {
    const auto sections = sections_of(parts);
    if (!sections) return sections.error();
    joined = join_rows(std::move(parts), *sections);
  }
  if (!joined) return std::move(joined).error();
  return std::optional(*std::move(joined));
}

}  // namespace wmk::checkpoint
