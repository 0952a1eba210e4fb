#include "remote/remote_file.h"

#include <algorithm>

#include "base/parallel.h"
#include "base/text.h"
#include "remote/range_download.h"

namespace wmk::remote {

namespace {

// A request for what lies between two pieces takes as long as these many bytes.
constexpr uint64_t kGapBytesMax = 128 << 10;

// Copies what arrives of a range to where its runs lie in `out`.
class RunSink {
 public:
  RunSink(const Runs& runs, std::span<std::byte> out) : runs_(runs), out_(out) {}

  void operator()(uint64_t at, ByteView bytes) const {
    for (uint64_t from = at - runs_.offset; !bytes.empty();) {
      const uint64_t run = from / runs_.stride, in_run = from % runs_.stride;
      const uint64_t step = std::min<uint64_t>(runs_.stride - in_run, bytes.size());
      if (in_run < runs_.bytes) {
        const uint64_t count = std::min(step, runs_.bytes - in_run);
        std::copy_n(bytes.begin(), count, out_.begin() + run * runs_.bytes + in_run);
      }
      bytes = bytes.subspan(step);
      from += step;
    }
  }

 private:
  Runs runs_;
  std::span<std::byte> out_;
};

}  // namespace

// Blocks that this thread loads; given up unless they are put.
class RemoteFile::Claim {
 public:
  Claim(BlockCache& cache, uint64_t file, uint64_t first)
      : cache_(cache), file_(file), first_(first), end_(first + 1) {}
  ~Claim() {
    for (; first_ < end_; ++first_) cache_.give_up({file_, first_});
  }
  void extend(uint64_t last) {
    while (end_ <= last && cache_.claim({file_, end_})) ++end_;
  }
  uint64_t end() const { return end_; }
  void put_first(BlockCache::Block block) { cache_.put({file_, first_++}, std::move(block)); }

 private:
  BlockCache& cache_;
  uint64_t file_, first_, end_;
};

RemoteFile::RemoteFile(std::shared_ptr<Network> network, Target target)
    : network_(std::move(network)), target_(std::move(target)), number_(network_->next_file++) {}

Result<std::shared_ptr<const RemoteFile>> RemoteFile::open(std::shared_ptr<Network> network,
                                                           Target target, Refusal& refused,
                                                           const std::filesystem::path& keep_in) {
  std::shared_ptr<RemoteFile> file(new RemoteFile(std::move(network), std::move(target)));
  auto head = std::make_shared<Bytes>();
  RangeDownload download({0, kBlockBytes - 1}, std::nullopt, [&](uint64_t, ByteView bytes) {
    head->insert(head->end(), bytes.begin(), bytes.end());
  });
  auto fetched = file->network_->client.get(file->target_, download);
  if (!fetched) return std::move(fetched).error();
  refused = fetched->refusal(file->target_.url);
  if (refused) return std::shared_ptr<const RemoteFile>();
  file->size_ = download.version()->size;
  file->etag_ = download.version()->etag;
  file->modified_ = download.version()->modified;
  file->commit_ = fetched->answer.commit;
  file->resolved_ = fetched->from;
  if (!keep_in.empty()) file->kept_ = KeptBlocks::make(keep_in, file->size_);
  if (file->kept_ && file->kept_->has_room(head->size()) && file->kept_->put(0, *head)) {
    file->kept_->claim({0, 1});
    file->kept_->settle({0, 1}, true);
  } else if (file->network_->cache.claim({file->number_, 0})) {
    file->network_->cache.put({file->number_, 0}, std::move(head));
  }
  return std::shared_ptr<const RemoteFile>(std::move(file));
}

// Asks where the address redirected to. That may be valid for some minutes only.
Status RemoteFile::get(Download& download) const {
  std::optional<Url> known;
  {
    const std::lock_guard lock(mutex_);
    known = resolved_;
  }
  const bool is_elsewhere = known && known->text() != target_.url.text();
  if (is_elsewhere) {
    auto fetched = network_->client.get({*known}, download);
    // Its path is that of a content network, which nobody knows.
    if (!fetched) return std::move(fetched).error().within(target_.url.shown());
    if (!fetched->is_refused()) return {};
  }
  auto fetched = network_->client.get(target_, download);
  if (!fetched) return std::move(fetched).error();
  if (const Refusal refused = fetched->refusal(target_.url)) return refused.error();
  const std::lock_guard lock(mutex_);
  resolved_ = std::move(fetched->from);
  return {};
}

Status RemoteFile::read_at(uint64_t offset, std::span<std::byte> out) const {
  if (out.empty()) return {};
  if (auto kept = read_kept({offset, out.size(), out.size(), 1}, out)) return *std::move(kept);
  return out.size() < kDirectBytes
             ? read_small(offset, out)
             : read_direct({offset, out.size(), out.size(), 1}, out.size(), out);
}

Status RemoteFile::read_runs(const Runs& runs, std::span<std::byte> out) const {
  if (runs.count == 0 || runs.bytes == 0) return {};
  if (runs.count == 1) return read_at(runs.offset, out);
  if (runs.stride > runs.bytes + kGapBytesMax) {
    return parallel_for(runs.count, kConnectionsMax, [&](size_t i, unsigned) {
      return read_at(runs.offset + i * runs.stride, out.subspan(i * runs.bytes, runs.bytes));
    });
  }
  if (auto kept = read_kept(runs, out)) return *std::move(kept);
  const uint64_t bytes = (runs.count - 1) * runs.stride + runs.bytes;
  const bool overlap = runs.stride < runs.bytes;
  if (overlap || bytes < kDirectBytes) return ByteSource::read_runs(runs, out);
  return read_direct(runs, bytes, out);
}

Status RemoteFile::read_direct(const Runs& runs, uint64_t bytes, std::span<std::byte> out) const {
  const uint64_t parts = std::clamp<uint64_t>(bytes / kPartBytes, 1, kConnectionsMax);
  const RunSink sink(runs, out);
  return parallel_for(parts, kConnectionsMax, [&](size_t i, unsigned) {
    const uint64_t first = runs.offset + bytes / parts * i;
    const uint64_t last = i + 1 == parts ? runs.offset + bytes - 1 : first + bytes / parts - 1;
    RangeDownload download({first, last}, Version{size_, etag_, modified_}, sink);
    return get(download);
  });
}

Status RemoteFile::read_small(uint64_t offset, std::span<std::byte> out) const {
  const uint64_t last = (offset + out.size() - 1) / kBlockBytes;
  while (!out.empty()) {
    const uint64_t number = offset / kBlockBytes, at = offset % kBlockBytes;
    BlockCache::Block block = network_->cache.find_or_claim({number_, number});
    if (!block) {
      auto loaded = load(number, last);
      if (!loaded) return std::move(loaded).error();
      block = *std::move(loaded);
    }
    const uint64_t count = std::min<uint64_t>(out.size(), block->size() - at);
    std::copy_n(block->begin() + at, count, out.begin());
    offset += count;
    out = out.subspan(count);
  }
  return {};
}

Result<BlockCache::Block> RemoteFile::load(uint64_t first, uint64_t last) const {
  Claim claim(network_->cache, number_, first);
  const uint64_t ahead = blocks_ahead(first);
  claim.extend(std::min(std::max(last, first + ahead - 1), (size_ - 1) / kBlockBytes));
  const uint64_t begin = first * kBlockBytes, end = std::min(claim.end() * kBlockBytes, size_);
  Bytes bytes(end - begin);
  RangeDownload download({begin, end - 1}, Version{size_, etag_, modified_},
                         [&](uint64_t at, ByteView arrived) {
                           std::copy(arrived.begin(), arrived.end(), bytes.begin() + (at - begin));
                         });
  if (Status status = get(download); !status) return std::move(status).error();
  {
    const std::lock_guard lock(mutex_);
    next_block_ = claim.end();
  }
  BlockCache::Block wanted;
  for (uint64_t at = 0, count = claim.end() - first; at < count; ++at) {
    const std::span piece = std::span(bytes).subspan(
        at * kBlockBytes, std::min(kBlockBytes, bytes.size() - at * kBlockBytes));
    auto block = std::make_shared<const Bytes>(piece.begin(), piece.end());
    if (at == 0) wanted = block;
    claim.put_first(std::move(block));
  }
  return wanted;
}

}  // namespace wmk::remote
