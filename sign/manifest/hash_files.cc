#include "sign/manifest/hash_files.h"

#include <fcntl.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/errno_text.h"
#include "base/parallel.h"

namespace wmk::sign {

namespace {

// Large enough for a disk, small enough to stay in a core's cache on the way to the hash.
constexpr size_t kPieceBytes = 256 << 10;

struct Worker {
  Hasher hasher;
  Bytes buffer = Bytes(kPieceBytes);
};

FileDigest fault(Code code, std::string text) { return {{}, code, std::move(text), {}}; }

FileDigest hash_file(const ModelTree& tree, const TreeEntry& entry, Worker& worker,
                     Progress* progress) {
  auto file = tree.open(entry);
  if (!file) {
    const bool unreadable = file.error().code() == ErrorCode::io;
    return fault(unreadable ? Code::file_unreadable : Code::file_changed, file.error().message());
  }
  ::posix_fadvise(file->descriptor(), 0, 0, POSIX_FADV_SEQUENTIAL);
  uint64_t offset = 0;
  while (offset < file->size()) {
    const auto wanted = std::min<uint64_t>(worker.buffer.size(), file->size() - offset);
    const ssize_t got = file->read_at(offset, std::span(worker.buffer).first(wanted));
    if (got < 0) {
      worker.hasher.finish();
      return fault(Code::file_unreadable, cat("cannot read: ", errno_text(static_cast<int>(-got))));
    }
    if (got == 0) break;  // it became shorter; is_unchanged() says so
    worker.hasher.absorb(ByteView(worker.buffer).first(static_cast<size_t>(got)));
    offset += static_cast<uint64_t>(got);
    if (progress != nullptr) progress->advance(static_cast<uint64_t>(got));
  }
  FileDigest out;
  out.digest = worker.hasher.finish();
  out.seen = file->state();
  if (!file->is_unchanged()) return fault(Code::file_changed, "was changed while we read it");
  return out;
}

bool is_still_there(const ModelTree& tree, const TreeEntry& entry, const FileState& seen) {
  const auto file = tree.open(entry);
  return file && file->state() == seen;
}

}  // namespace

std::vector<FileDigest> hash_files(const ModelTree& tree,
                                   const std::vector<const TreeEntry*>& files, Hash hash,
                                   unsigned threads, Progress* progress) {
  std::vector<size_t> order(files.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](size_t i) { return files[i]->bytes; });
  uint64_t bytes = 0;
  for (const TreeEntry* file : files) bytes += file->bytes;
  std::vector<std::optional<Worker>> workers(std::max(1u, threads));
  std::vector<FileDigest> out(files.size());
  if (progress != nullptr) progress->begin("hash", bytes);
  (void)parallel_for(files.size(), threads, [&](size_t index, unsigned worker) -> Status {
    if (!workers[worker]) workers[worker].emplace(Worker{Hasher(hash)});
    const size_t which = order[index];
    out[which] = hash_file(tree, *files[which], *workers[worker], progress);
    return {};
  });
  if (progress != nullptr) progress->end();
  for (size_t i = 0; i < files.size(); ++i) {
    if (!out[i].digest.empty() && !is_still_there(tree, *files[i], out[i].seen)) {
      out[i] = fault(Code::file_changed, "was changed or replaced after we read it");
    }
  }
  return out;
}

}  // namespace wmk::sign
