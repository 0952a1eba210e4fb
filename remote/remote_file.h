// A file behind an address, read by ranges.
//
// Purpose: to everything above it is a file whose bytes arrive when they are read. What has arrived
// is kept on this disk; without room there, small reads go through blocks in memory, and large ones
// past them. Large ranges come in parallel. Every answer must be about the
// file that was opened: same size, same ETag (or, without one, same Last-Modified). Lifetime:
// shares client and cache. Thread-safety: read_at and read_runs may run concurrently.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/files/byte_source.h"
#include "remote/block_cache.h"
#include "remote/http_client.h"
#include "remote/kept_blocks.h"

namespace wmk::remote {

inline constexpr uint64_t kBlockBytes = 64 << 10;
inline constexpr uint64_t kCacheBytes = 64 << 20;
// A larger read is not a small one: it comes in parts of at least kPartBytes at the same time.
inline constexpr uint64_t kDirectBytes = 512 << 10, kPartBytes = 1 << 20;

// What all remote files of a run share.
struct Network {
  explicit Network(RetryPolicy policy = {}) : client(policy), cache(kCacheBytes) {}
  HttpClient client;
  BlockCache cache;
  std::atomic<uint64_t> next_file = 0;
};

class RemoteFile : public ByteSource {
 public:
  // Reads the first block. Null if the server does not have the file or does not give it; then
  // `refused` says so. Errors name the address. What arrives is kept in the folder `keep_in`;
  // empty: in memory alone.
  static Result<std::shared_ptr<const RemoteFile>> open(std::shared_ptr<Network> network,
                                                        Target target, Refusal& refused,
                                                        const std::filesystem::path& keep_in = {});

  uint64_t size() const override { return size_; }
  Status read_at(uint64_t offset, std::span<std::byte> out) const override;
  // Runs that are near one another are read together with what lies between.
  Status read_runs(const Runs& runs, std::span<std::byte> out) const override;
  bool is_remote() const override { return true; }
  // Of the repository, as the server says.
  const std::string& commit() const { return commit_; }

 private:
  class Claim;
  RemoteFile(std::shared_ptr<Network> network, Target target);
  Status get(Download& download) const;
  // Brings blocks to this disk (remote/kept_reads.cc). False: there is no room for them.
  Result<bool> keep(KeptBlocks::Span blocks) const;
  Status load_kept(const std::vector<KeptBlocks::Span>& claimed) const;
  // The blocks that a read brings: those of the range, and those ahead of a small one.
  KeptBlocks::Span blocks_of(uint64_t offset, uint64_t bytes) const;
  // None: nothing is kept, or there is no room.
  std::optional<Status> read_kept(const Runs& runs, std::span<std::byte> out) const;
  // Past the cache, in parallel: the `bytes` from the first run to the last.
  Status read_direct(const Runs& runs, uint64_t bytes, std::span<std::byte> out) const;
  Status read_small(uint64_t offset, std::span<std::byte> out) const;
  // Loads block `first`, which the caller has claimed, with its missing neighbours up to `last`.
  Result<BlockCache::Block> load(uint64_t first, uint64_t last) const;
  // How many blocks to read from here on: more and more while reads go on forwards.
  uint64_t blocks_ahead(uint64_t block) const;

  const std::shared_ptr<Network> network_;
  const Target target_;
  const uint64_t number_;
  uint64_t size_ = 0;
  std::string etag_, modified_, commit_;
  std::unique_ptr<KeptBlocks> kept_;  // null: nothing is kept on the disk
  mutable std::mutex mutex_;
  mutable std::optional<Url> resolved_;  // where the address redirected to
  mutable uint64_t next_block_ = 0, ahead_ = 1;
};

}  // namespace wmk::remote
