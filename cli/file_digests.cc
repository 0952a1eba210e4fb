#include "cli/file_digests.h"

#include "base/parallel.h"
#include "checkpoint/model_folder.h"
#include "sign/file_hasher.h"

namespace wmk::cli {

namespace {

constexpr const char* kCompanions[] = {
    "config.json",     "tokenizer.json", "tokenizer_config.json", "vocab.json",
    "tokenizer.model", "params.json",    "adapter_config.json"};

Result<FileDigest> digest_of(const ReadFile& file, Progress* progress) {
  auto digest = sign::FileHasher().digest(file, 0, file.size(), progress);
  if (!digest) return std::move(digest).error();
  return FileDigest{file.path().filename().string(), file.size(), to_hex(*digest)};
}

std::vector<ReadFile> companions(const std::filesystem::path& folder) {
  std::vector<ReadFile> out;
  for (const char* name : kCompanions) {
    if (!checkpoint::check_inside(folder, folder / name)) continue;
    if (auto file = ReadFile::open(folder / name)) out.push_back(*std::move(file));
  }
  return out;
}

}  // namespace

Result<std::vector<FileDigest>> file_digests(const OpenedModel& model, unsigned threads,
                                             Progress* progress) {
  const auto beside = companions(model.checkpoint.folder());
  std::vector<const ReadFile*> files;
  for (const ReadFile& file : model.checkpoint.files()) files.push_back(&file);
  for (const ReadFile& file : beside) files.push_back(&file);
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

}  // namespace wmk::cli
