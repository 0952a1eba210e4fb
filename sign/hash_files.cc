#include "sign/hash_files.h"

#include <fcntl.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>
#include <tuple>

#include "base/errno_text.h"
#include "base/parallel.h"
#include "sign/sha256_pair.h"

namespace wmk::sign {

namespace {

// Large enough for a disk, small enough to stay in a core's cache on the way to the hash.
constexpr size_t kPieceBytes = 256 << 10;

// One file on its way through a worker, piece by piece.
class Stream {
 public:
  Stream(const ModelTree& tree, const TreeEntry& entry, std::span<std::byte> buffer)
      : buffer_(buffer) {
    auto file = tree.open(entry);
    if (!file) {
      const bool unreadable = file.error().code() == ErrorCode::io;
      fail(unreadable ? Code::file_unreadable : Code::file_changed, file.error().message());
      return;
    }
    file_.emplace(std::move(*file));
    ::posix_fadvise(file_->descriptor(), 0, 0, POSIX_FADV_SEQUENTIAL);
  }

  // The next piece: empty at the end, or where reading failed.
  ByteView next(Progress* progress) {
    if (!file_) return {};
    const auto wanted = std::min<uint64_t>(buffer_.size(), file_->size() - offset_);
    const ssize_t got = file_->read_at(offset_, buffer_.first(wanted));
    if (got < 0) {
      fail(Code::file_unreadable, cat("cannot read: ", errno_text(static_cast<int>(-got))));
      return {};
    }
    offset_ += static_cast<uint64_t>(got);
    if (got > 0 && progress != nullptr) progress->advance(static_cast<uint64_t>(got));
    // Fewer bytes than there were: it became shorter, and result() says so.
    return ByteView(buffer_).first(static_cast<size_t>(got));
  }

  FileDigest result(Bytes digest) {
    if (file_ && !file_->is_unchanged()) fail(Code::file_changed, "was changed while we read it");
    if (file_) fault_.digest = std::move(digest);
    return std::move(fault_);
  }

 private:
  void fail(Code code, std::string text) {
    fault_.fault = code;
    fault_.text = std::move(text);
    file_.reset();
  }
  std::span<std::byte> buffer_;
  std::optional<SteadyFile> file_;
  uint64_t offset_ = 0;
  FileDigest fault_;
};

struct Worker {
  Hasher hasher;
  Bytes buffer = Bytes(2 * kPieceBytes);

  std::span<std::byte> half(size_t which) {
    return std::span(buffer).subspan(which * kPieceBytes, kPieceBytes);
  }
};

FileDigest hash_one(Stream stream, Worker& worker, Progress* progress) {
  for (ByteView piece = stream.next(progress); !piece.empty(); piece = stream.next(progress)) {
    worker.hasher.absorb(piece);
  }
  return stream.result(worker.hasher.finish());
}

// What is left of a message when its partner has ended.
Bytes finish_alone(ShaState state, ByteView piece, Stream& stream, Progress* progress) {
  while (true) {
    const size_t blocks = piece.size() / kShaBlockBytes;
    absorb_blocks(state, piece.data(), blocks);
    // Only the last piece of a file ends inside a block.
    const ByteView rest = piece.subspan(blocks * kShaBlockBytes);
    if (!rest.empty()) return finish(state, rest);
    piece = stream.next(progress);
    if (piece.empty()) return finish(state, {});
  }
}

// Two files at once: as long as both have whole pieces, block by block side by side.
std::pair<FileDigest, FileDigest> hash_two(Stream one, Stream two, Progress* progress) {
  ShaState of_one, of_two;
  ByteView from_one = one.next(progress), from_two = two.next(progress);
  while (from_one.size() == kPieceBytes && from_two.size() == kPieceBytes) {
    absorb_blocks(of_one, from_one.data(), of_two, from_two.data(), kPieceBytes / kShaBlockBytes);
    from_one = one.next(progress);
    from_two = two.next(progress);
  }
  Bytes digest_one = finish_alone(of_one, from_one, one, progress);
  Bytes digest_two = finish_alone(of_two, from_two, two, progress);
  return {one.result(std::move(digest_one)), two.result(std::move(digest_two))};
}

std::vector<size_t> largest_first(const std::vector<const TreeEntry*>& files) {
  std::vector<size_t> order(files.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](size_t i) { return files[i]->bytes; });
  return order;
}

}  // namespace

std::vector<FileDigest> hash_files(const ModelTree& tree,
                                   const std::vector<const TreeEntry*>& files, Hash hash,
                                   unsigned threads, Progress* progress) {
  const auto order = largest_first(files);
  uint64_t bytes = 0;
  for (const TreeEntry* file : files) bytes += file->bytes;
  // Where there are enough files for all workers, each takes two of about one size.
  const bool pairs =
      hash == Hash::sha256 && has_sha_instructions() && files.size() >= 2 * size_t{threads};
  const size_t tasks = pairs ? (files.size() + 1) / 2 : files.size();
  std::vector<std::optional<Worker>> workers(std::max(1u, threads));
  std::vector<FileDigest> out(files.size());
  const auto run = [&](size_t task, unsigned number) -> Status {
    if (!workers[number]) workers[number].emplace(Worker{Hasher(hash)});
    Worker& worker = *workers[number];
    const size_t first = pairs ? order[2 * task] : order[task];
    Stream stream(tree, *files[first], worker.half(0));
    if (!pairs || 2 * task + 1 == files.size()) {
      out[first] = hash_one(std::move(stream), worker, progress);
      return {};
    }
    const size_t second = order[2 * task + 1];
    std::tie(out[first], out[second]) =
        hash_two(std::move(stream), Stream(tree, *files[second], worker.half(1)), progress);
    return {};
  };
  if (progress != nullptr) progress->begin("hash", bytes);
  (void)parallel_for(tasks, threads, run);
  if (progress != nullptr) progress->end();
  return out;
}

}  // namespace wmk::sign
