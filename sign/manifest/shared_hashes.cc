#include "sign/manifest/shared_hashes.h"

#include "base/text.h"
#include "mpi/processes.h"
#include "mpi/shared_items.h"

namespace wmk::sign {

namespace {

constexpr char kDigest = 'd', kFault = 'f';

FileState state_now(const ModelTree& tree, const TreeEntry& entry) {
  const auto file = tree.open(entry);
  return file ? file->state() : FileState();
}

// The name and its length, then the digest, or why there is none.
std::string packed(const TreeEntry& entry, const HashedFile& file) {
  std::string out = cat(entry.name.size(), " ", entry.name);
  out += file.digest.empty() ? kFault : kDigest;
  return out + (file.digest.empty() ? file.text : std::string(as_text(file.digest)));
}

Result<HashedFile> unpacked(const TreeEntry& entry, std::string_view item) {
  const std::string name = cat(entry.name.size(), " ", entry.name);
  if (!item.starts_with(name) || item.size() == name.size()) {
    return Error(ErrorCode::invalid_argument,
                 cat("another process sees other files than ", escaped(entry.name)));
  }
  HashedFile out;
  const std::string_view rest = item.substr(name.size() + 1);
  if (item[name.size()] == kFault) out.text = rest;
  if (item[name.size()] == kDigest) out.digest.assign(as_bytes(rest).begin(), as_bytes(rest).end());
  return out;
}

}  // namespace

Result<std::vector<HashedFile>> hash_files_together(const ModelTree& tree,
                                                    const std::vector<const TreeEntry*>& files,
                                                    Hash hash, unsigned threads,
                                                    Progress* progress) {
  const auto order = largest_first(files);
  std::vector<FileState> before;
  for (const TreeEntry* file : files) before.push_back(state_now(tree, *file));
  if (Status status = mpi::meet({}); !status) return std::move(status).error();

  std::vector<const TreeEntry*> mine;
  for (size_t place = 0; place < order.size(); ++place) {
    if (mpi::owns(place)) mine.push_back(files[order[place]]);
  }
  const auto hashed = hash_files(tree, mine, hash, threads, progress);
  std::vector<std::string> own;
  for (size_t i = 0; i < mine.size(); ++i) own.push_back(packed(*mine[i], hashed[i]));
  const auto all = mpi::gather(std::move(own), files.size());
  if (!all) return all.error();

  std::vector<HashedFile> out(files.size());
  for (size_t place = 0; place < order.size(); ++place) {
    const size_t i = order[place];
    auto file = unpacked(*files[i], (*all)[place]);
    if (!file) return std::move(file).error();
    out[i] = *std::move(file);
    out[i].state = before[i];
    const bool is_unchanged = before[i].regular && state_now(tree, *files[i]) == before[i];
    if (out[i].digest.empty() || is_unchanged) continue;
    out[i] = {{}, Code::file_changed, "changed while the model was being read", {}};
  }
  return out;
}

}  // namespace wmk::sign
