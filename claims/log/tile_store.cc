#include "claims/log/tile_store.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "base/file.h"
#include "base/text.h"

namespace wmk::claims {

using crypto::TreeHash;

namespace {

// The first `width` entries of a bundle, with their lengths.
Result<std::string> first_entries(std::string bundle, unsigned width) {
  const auto entries = parse_entries(bundle);
  if (!entries) return entries.error();
  if (entries->size() < width) return malformed("has too few entries");
  size_t bytes = 0;
  for (size_t i = 0; i < width; ++i) bytes += 2 + (*entries)[i].size();
  bundle.resize(bytes);
  return bundle;
}

}  // namespace

Result<std::string> TileStore::read(const TileId& id) const {
  const uint64_t most = id.level ? kTileWidth * kHashBytes : kEntriesBytesMax;
  std::error_code ignored;
  if (id.width != kTileWidth && !std::filesystem::exists(folder_ / tile_path(id), ignored)) {
    TileId full = id;
    full.width = kTileWidth;
    if (std::filesystem::exists(folder_ / tile_path(full), ignored)) {
      auto bytes = read(full);
      if (!bytes) return bytes;
      if (!id.level) return first_entries(std::move(*bytes), id.width);
      bytes->resize(std::min<uint64_t>(bytes->size(), id.width * kHashBytes));
      return bytes;
    }
  }
  return read_text(folder_ / tile_path(id), most);
}

Result<std::vector<TreeHash>> TileStore::hashes(const TileId& id) const {
  const auto bytes = read(id);
  if (!bytes) return bytes.error();
  auto out = parse_tile(*bytes, id.width);
  if (!out) return std::move(out).error().within(tile_path(id));
  return out;
}

Result<std::string> TileStore::checkpoint() const {
  return read_text(folder_ / "checkpoint", crypto::kNoteBytesMax);
}

Result<TreeHash> LogTree::node(unsigned height, uint64_t index) {
  // Of the tile's level, the hashes [first, first + count) are the leaves of this node.
  const unsigned level = height / kTileHeight;
  const uint64_t count = 1ull << (height % kTileHeight), first = index * count;
  const uint64_t tile = first / kTileWidth;
  auto found = tiles_.find({level, tile});
  if (found == tiles_.end()) {
    auto read = store_.hashes({level, tile, tile_width(level_count(size_, level), tile)});
    if (!read) return std::move(read).error();
    found = tiles_.emplace(std::pair(level, tile), std::move(*read)).first;
  }
  return crypto::tree_root(std::span(found->second).subspan(first % kTileWidth, count));
}

Result<TreeHash> LogTree::range(uint64_t begin, uint64_t end) {
  const uint64_t count = end - begin;
  if (count == 0) return crypto::tree_root({});
  if (std::has_single_bit(count)) {
    return node(static_cast<unsigned>(std::countr_zero(count)), begin / count);
  }
  const uint64_t split = begin + std::bit_floor(count - 1);
  const auto left = range(begin, split);
  if (!left) return left;
  const auto right = range(split, end);
  if (!right) return right;
  return crypto::tree_node(*left, *right);
}

Result<std::map<TreeHash, uint64_t>> LogTree::find_all(const std::set<TreeHash>& leaves) const {
  std::map<TreeHash, uint64_t> out;
  for (uint64_t tile = 0; tile * kTileWidth < size_ && out.size() < leaves.size(); ++tile) {
    const auto hashes = store_.hashes({0, tile, tile_width(size_, tile)});
    if (!hashes) return hashes.error();
    for (size_t i = 0; i < hashes->size(); ++i) {
      const TreeHash& hash = (*hashes)[i];
      if (leaves.contains(hash)) out.try_emplace(hash, tile * kTileWidth + i);
    }
  }
  return out;
}

Result<std::optional<uint64_t>> LogTree::find(const TreeHash& leaf) const {
  const auto found = find_all({leaf});
  if (!found) return found.error();
  return found->empty() ? std::optional<uint64_t>() : std::optional(found->begin()->second);
}

Status LogTree::append(uint64_t begin, uint64_t end, Path& path) {
  const auto hash = range(begin, end);
  if (!hash) return hash.error();
  path.push_back(*hash);
  return {};
}

Result<LogTree::Path> LogTree::inclusion(uint64_t index) {
  assert(index < size_);
  Path path;
  for (uint64_t begin = 0, end = size_; end - begin > 1;) {
    const uint64_t split = begin + std::bit_floor(end - begin - 1);
    const bool left = index < split;
    const auto status = left ? append(split, end, path) : append(begin, split, path);
    if (!status) return status.error();
    (left ? end : begin) = split;
  }
  return Path(path.rbegin(), path.rend());
}

Result<LogTree::Path> LogTree::consistency(uint64_t before) {
  assert(before > 0 && before <= size_);
  Path path;
  uint64_t begin = 0, end = size_;
  while (before != end) {
    const uint64_t split = begin + std::bit_floor(end - begin - 1);
    const bool left = before <= split;
    const auto status = left ? append(split, end, path) : append(begin, split, path);
    if (!status) return status.error();
    (left ? end : begin) = split;
  }
  // From 0 on it is the older tree itself, whose root the verifier knows.
  if (begin != 0) {
    if (auto status = append(begin, end, path); !status) return status.error();
  }
  return Path(path.rbegin(), path.rend());
}

}  // namespace wmk::claims
