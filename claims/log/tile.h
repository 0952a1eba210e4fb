// Tiles: the files of a log (C2SP tlog-tiles; specs/log.md 3).
//
// Purpose: names, widths and bytes of tiles. Lifetime: plain values. Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/merkle.h"

namespace wmk::claims {

inline constexpr unsigned kTileHeight = 8;
inline constexpr uint64_t kTileWidth = 1 << kTileHeight;
inline constexpr uint64_t kHashBytes = sizeof(crypto::TreeHash);
inline constexpr uint64_t kEntryBytesMax = 0xFFFF;
inline constexpr uint64_t kEntriesBytesMax = kTileWidth * (kEntryBytesMax + 2);
inline constexpr unsigned kLevelMax = 63;

struct TileId {
  std::optional<unsigned> level;  // nullopt: entries
  uint64_t index = 0;
  unsigned width = kTileWidth;  // 1 to 256

  bool operator==(const TileId&) const = default;
};

// "tile/0/x001/234.p/17", "tile/entries/000".
std::string tile_path(const TileId& id);
std::optional<TileId> parse_tile_path(std::string_view path);

// How many hashes the level has in a tree of this size. Level 0: one for each entry.
uint64_t level_count(uint64_t tree_size, unsigned level);
// Hashes or entries of tile `index` if its level has `count`, which is 0 past the end.
unsigned tile_width(uint64_t count, uint64_t index);

std::string tile_bytes(const std::vector<crypto::TreeHash>& hashes);
// Error unless `bytes` has exactly `width` hashes.
Result<std::vector<crypto::TreeHash>> parse_tile(std::string_view bytes, unsigned width);

// Adds one entry, at most kEntryBytesMax bytes, with its length.
void append_entry(std::string_view entry, std::string& bundle);
// At most 256 entries; they refer to `bundle`.
Result<std::vector<std::string_view>> parse_entries(std::string_view bundle);

}  // namespace wmk::claims
