// The tiles of a log in a folder, and the tree that they store.
//
// Purpose: computes roots and proofs from a few tiles, however large the log is.
// Lifetime: a LogTree refers to the store. Thread-safety: a TileStore may be read by any thread; a
// LogTree keeps tiles and has one caller.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "claims/log/tile.h"
#include "crypto/note.h"

namespace wmk::claims {

class TileStore {
 public:
  explicit TileStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  const std::filesystem::path& folder() const { return folder_; }
  // The bytes of the tile or, if a partial one is not there any more, the first part of the full
  // one.
  Result<std::string> read(const TileId& id) const;
  // Tiles of a level, not entries.
  Result<std::vector<crypto::TreeHash>> hashes(const TileId& id) const;
  // The text of `checkpoint`.
  Result<std::string> checkpoint() const;

 private:
  std::filesystem::path folder_;
};

class LogTree {
 public:
  // The tree of the first `size` entries. The tiles must exist, and are not trusted: compare root()
  // with a signed one.
  LogTree(const TileStore& store, uint64_t size) : store_(store), size_(size) {}

  uint64_t size() const { return size_; }
  Result<crypto::TreeHash> root() { return range(0, size_); }
  // Requires index < size().
  Result<crypto::TreeHash> leaf(uint64_t index) { return node(0, index); }
  // The indices of the first entries with these leaf hashes, of those that there are. Reads the
  // tiles of level 0 until it has them all.
  Result<std::map<crypto::TreeHash, uint64_t>> find_all(
      const std::set<crypto::TreeHash>& leaves) const;
  // The same for one.
  Result<std::optional<uint64_t>> find(const crypto::TreeHash& leaf) const;
  Result<std::vector<crypto::TreeHash>> inclusion(uint64_t index);
  // Requires 0 < before <= size().
  Result<std::vector<crypto::TreeHash>> consistency(uint64_t before);

 private:
  using Path = std::vector<crypto::TreeHash>;
  // The root over the leaves [begin, end).
  Result<crypto::TreeHash> range(uint64_t begin, uint64_t end);
  // The root over 2^height leaves, the `index`-th such group.
  Result<crypto::TreeHash> node(unsigned height, uint64_t index);
  Status append(uint64_t begin, uint64_t end, Path& path);

  const TileStore& store_;
  const uint64_t size_;
  std::map<std::pair<unsigned, uint64_t>, std::vector<crypto::TreeHash>> tiles_;
};

}  // namespace wmk::claims
