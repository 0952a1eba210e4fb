#include "claims/log/new_tiles.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::claims {

using crypto::TreeHash;

namespace {

Status add_entries(const TileStore& store, uint64_t size, std::span<const std::string> entries,
                   Staging& staging) {
  uint64_t index = size / kTileWidth, width = size % kTileWidth;
  std::string bundle;
  if (width != 0) {
    auto older = store.read({std::nullopt, index, static_cast<unsigned>(width)});
    if (!older) return std::move(older).error();
    bundle = std::move(*older);
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].empty() || entries[i].size() > kEntryBytesMax) {
      return Error(ErrorCode::limit_exceeded,
                   cat("entry ", i + 1, " of the batch has ", entries[i].size(),
                       " bytes, not 1 to ", kEntryBytesMax));
    }
    append_entry(entries[i], bundle);
    if (++width != kTileWidth && i + 1 != entries.size()) continue;
    const TileId id{std::nullopt, index, static_cast<unsigned>(width)};
    if (auto status = staging.add(tile_path(id), bundle); !status) return status;
    bundle.clear();
    ++index;
    width = 0;
  }
  return {};
}

// Stages the tiles of a level that had `count` hashes, and returns the roots of those that are full
// now: the new hashes of the next level.
Result<std::vector<TreeHash>> add_level(const TileStore& store, unsigned level, uint64_t count,
                                        std::span<const TreeHash> hashes, Staging& staging) {
  std::vector<TreeHash> tile, roots;
  uint64_t index = count / kTileWidth;
  if (const uint64_t width = count % kTileWidth; width != 0) {
    auto older = store.hashes({level, index, static_cast<unsigned>(width)});
    if (!older) return std::move(older).error();
    tile = std::move(*older);
  }
  while (!hashes.empty()) {
    const size_t taken = std::min<size_t>(kTileWidth - tile.size(), hashes.size());
    tile.insert(tile.end(), hashes.begin(), hashes.begin() + static_cast<std::ptrdiff_t>(taken));
    hashes = hashes.subspan(taken);
    const TileId id{level, index, static_cast<unsigned>(tile.size())};
    if (auto status = staging.add(tile_path(id), tile_bytes(tile)); !status) {
      return std::move(status).error();
    }
    if (tile.size() == kTileWidth) roots.push_back(crypto::tree_root(tile));
    tile.clear();
    ++index;
  }
  return roots;
}

// The folder "NNN.p" of the tile's partial versions.
std::filesystem::path partial_folder(const std::filesystem::path& log, TileId id) {
  id.width = 1;
  return (log / tile_path(id)).parent_path();
}

}  // namespace

Status add_new_tiles(const TileStore& store, uint64_t size, std::span<const std::string> entries,
                     Staging& staging) {
  if (auto status = add_entries(store, size, entries, staging); !status) return status;
  std::vector<TreeHash> hashes;
  hashes.reserve(entries.size());
  for (const std::string& entry : entries) hashes.push_back(crypto::tree_leaf(as_bytes(entry)));
  for (unsigned level = 0; !hashes.empty(); ++level) {
    auto next = add_level(store, level, level_count(size, level), hashes, staging);
    if (!next) return std::move(next).error();
    hashes = std::move(*next);
  }
  return {};
}

void remove_completed(const std::filesystem::path& log, uint64_t before, uint64_t after) {
  std::error_code ignored;
  const auto remove = [&](const TileId& id) {
    std::filesystem::remove_all(partial_folder(log, id), ignored);
  };
  // A batch that is killed can leave partial versions of any tile that it would have written.
  for (unsigned level = 0; level_count(after, level) != 0; ++level) {
    const uint64_t last = level_count(after, level) / kTileWidth;
    for (uint64_t index = level_count(before, level) / kTileWidth; index < last; ++index) {
      remove({level, index});
      if (level == 0) remove({std::nullopt, index});
    }
  }
}

}  // namespace wmk::claims
