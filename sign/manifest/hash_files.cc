#include "sign/manifest/hash_files.h"

#include <fcntl.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/parallel.h"
#include "sign/file_hasher.h"

namespace wmk::sign {

namespace {

HashedFile fault(Code code, std::string text) { return {{}, code, std::move(text), {}}; }

HashedFile hash_file(const ModelTree& tree, const TreeEntry& entry, FileHasher& hasher,
                     Progress* progress) {
  auto file = tree.open(entry);
  if (!file) {
    const bool unreadable = file.error().code() == ErrorCode::io;
    return fault(unreadable ? Code::file_unreadable : Code::file_changed, file.error().message());
  }
  ::posix_fadvise(file->descriptor(), 0, 0, POSIX_FADV_SEQUENTIAL);
  const auto read = [&](uint64_t offset, std::span<std::byte> out) {
    return file->read_at(offset, out);
  };
  auto digest = hasher.digest(read, 0, file->size(), progress);
  if (!digest) return fault(Code::file_unreadable, digest.error().message());
  if (!file->is_unchanged()) return fault(Code::file_changed, "changed during reading");
  HashedFile out;
  out.digest = std::move(*digest);
  out.state = file->state();
  return out;
}

bool is_still_there(const ModelTree& tree, const TreeEntry& entry, const FileState& state) {
  const auto file = tree.open(entry);
  return file && file->state() == state;
}

}  // namespace

std::vector<size_t> largest_first(const std::vector<const TreeEntry*>& files) {
  std::vector<size_t> order(files.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](size_t i) { return files[i]->bytes; });
  return order;
}

std::vector<HashedFile> hash_files(const ModelTree& tree,
                                   const std::vector<const TreeEntry*>& files, Hash hash,
                                   unsigned threads, Progress* progress) {
  const auto order = largest_first(files);
  uint64_t bytes = 0;
  for (const TreeEntry* file : files) bytes += file->bytes;
  std::vector<std::optional<FileHasher>> hashers(std::max(1u, threads));
  std::vector<HashedFile> out(files.size());
  if (progress != nullptr) progress->begin("hash", bytes);
  (void)parallel_for(files.size(), threads, [&](size_t index, unsigned worker) -> Status {
    if (!hashers[worker]) hashers[worker].emplace(hash);
    const size_t which = order[index];
    out[which] = hash_file(tree, *files[which], *hashers[worker], progress);
    return {};
  });
  if (progress != nullptr) progress->end();
  for (size_t i = 0; i < files.size(); ++i) {
    if (!out[i].digest.empty() && !is_still_there(tree, *files[i], out[i].state)) {
      out[i] = fault(Code::file_changed, "changed or replaced after reading");
    }
  }
  return out;
}

}  // namespace wmk::sign
