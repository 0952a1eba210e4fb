#include "library/models/file_digest.h"

#include "base/parallel.h"
#include "base/text.h"
#include "sign/file_hasher.h"

namespace wmk::library {

Result<FileDigest> digest_of(const ReadFile& file, Progress* progress) {
  auto digest = sign::FileHasher().digest(file, 0, file.size(), progress);
  if (!digest) return std::move(digest).error();
  return FileDigest{file.path().filename().string(), file.size(), to_hex(*digest)};
}

Result<std::vector<FileDigest>> digests_of(const std::vector<const ReadFile*>& files,
                                           unsigned threads, Progress* progress) {
  uint64_t bytes = 0;
  for (const ReadFile* file : files) bytes += file->size();
  std::vector<FileDigest> out(files.size());
  if (progress) progress->begin("hashing", bytes);
  auto status = parallel_for(files.size(), threads, [&](size_t i, unsigned) -> Status {
    auto digest = digest_of(*files[i], progress);
    if (!digest) return std::move(digest).error();
    out[i] = *std::move(digest);
    return {};
  });
  if (progress) progress->end();
  if (!status) return std::move(status).error();
  return out;
}

Result<std::vector<FileDigest>> digests_of_files(const std::vector<std::filesystem::path>& paths,
                                                 unsigned threads) {
  std::vector<ReadFile> opened;
  for (const auto& path : paths) {
    auto file = ReadFile::open(path);
    if (!file) return std::move(file).error();
    opened.push_back(*std::move(file));
  }
  std::vector<const ReadFile*> files;
  for (const ReadFile& file : opened) files.push_back(&file);
  return digests_of(files, threads);
}

}  // namespace wmk::library
