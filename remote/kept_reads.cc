// Reads of a remote file through the blocks that are kept on this disk; see remote/remote_file.h.
#include <algorithm>

#include "base/parallel.h"
#include "remote/range_download.h"
#include "remote/remote_file.h"

namespace wmk::remote {

namespace {

using BlockSpan = KeptBlocks::Span;

constexpr uint64_t kBlocksAheadMax = 32;

// The blocks in parts that are loaded at the same time.
std::vector<BlockSpan> download_parts(const std::vector<BlockSpan>& spans) {
  constexpr uint64_t kPartBlocks = kPartBytes / kBlockBytes;
  uint64_t blocks = 0;
  for (const BlockSpan& span : spans) blocks += span.end - span.first;
  const uint64_t of_part = std::max(kPartBlocks, (blocks + kConnectionsMax - 1) / kConnectionsMax);
  std::vector<BlockSpan> out;
  for (const BlockSpan& span : spans) {
    for (uint64_t at = span.first; at < span.end; at += of_part) {
      out.push_back({at, std::min(span.end, at + of_part)});
    }
  }
  return out;
}

}  // namespace

// Parts that did not arrive are given up, so that whoever waits for them asks for them.
Status RemoteFile::load_kept(const std::vector<BlockSpan>& claimed) const {
  const auto parts = download_parts(claimed);
  std::vector<char> settled(parts.size());
  Status status = parallel_for(parts.size(), kConnectionsMax, [&](size_t i, unsigned) -> Status {
    const uint64_t first = parts[i].first * kBlockBytes;
    const uint64_t last = std::min(parts[i].end * kBlockBytes, size_) - 1;
    bool is_written = true;
    RangeDownload download(
        {first, last}, Version{size_, etag_, modified_},
        [&](uint64_t at, ByteView arrived) { is_written = is_written && kept_->put(at, arrived); });
    if (Status got = get(download); !got) return got;
    kept_->settle(parts[i], is_written);
    settled[i] = 1;
    return {};
  });
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!settled[i]) kept_->settle(parts[i], false);
  }
  return status;
}

Result<bool> RemoteFile::keep(BlockSpan blocks) const {
  while (true) {
    const auto missing = kept_->claim(blocks);
    if (missing.empty()) {
      if (kept_->wait(blocks)) return true;
      continue;  // another thread could not load them
    }
    uint64_t count = 0;
    for (const BlockSpan& span : missing) count += span.end - span.first;
    if (!kept_->has_room(count * kBlockBytes)) {
      for (const BlockSpan& span : missing) kept_->settle(span, false);
      return false;
    }
    if (Status status = load_kept(missing); !status) return std::move(status).error();
  }
}

BlockSpan RemoteFile::blocks_of(uint64_t offset, uint64_t bytes) const {
  BlockSpan out{offset / kBlockBytes, (offset + bytes - 1) / kBlockBytes + 1};
  if (bytes >= kDirectBytes || kept_->has(out)) return out;
  out.end = std::max(out.end, out.first + blocks_ahead(out.first));
  out.end = std::min(out.end, (size_ - 1) / kBlockBytes + 1);
  const std::lock_guard lock(mutex_);
  next_block_ = out.end;
  return out;
}

uint64_t RemoteFile::blocks_ahead(uint64_t block) const {
  const std::lock_guard lock(mutex_);
  const bool goes_on = block >= next_block_ && block <= next_block_ + 1 && next_block_ > 0;
  ahead_ = goes_on ? std::min(2 * ahead_, kBlocksAheadMax) : 1;
  return ahead_;
}

std::optional<Status> RemoteFile::read_kept(const Runs& runs, std::span<std::byte> out) const {
  if (!kept_) return std::nullopt;
  const uint64_t bytes = (runs.count - 1) * runs.stride + runs.bytes;
  auto kept = keep(blocks_of(runs.offset, bytes));
  if (!kept) return Status(std::move(kept).error());
  if (!*kept) return std::nullopt;
  for (uint64_t i = 0; i < runs.count; ++i) {
    Status status =
        kept_->read(runs.offset + i * runs.stride, out.subspan(i * runs.bytes, runs.bytes));
    if (!status) return status;
  }
  return Status();
}

}  // namespace wmk::remote
