#include "cli/file_digests.h"

#include <algorithm>

#include "base/text.h"
#include "checkpoint/model_folder.h"
#include "sign/file_hasher.h"

namespace wmk::cli {

namespace {

constexpr const char* kCompanions[] = {
    "config.json",     "tokenizer.json", "tokenizer_config.json", "vocab.json",
    "tokenizer.model", "params.json",    "adapter_config.json"};

}  // namespace

std::vector<std::filesystem::path> companion_paths(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> out;
  for (const char* name : kCompanions) {
    if (!checkpoint::check_inside(folder, folder / name)) continue;
    if (ReadFile::open(folder / name)) out.push_back(folder / name);
  }
  return out;
}

Result<std::vector<FileDigest>> file_digests(const ModelView& model, unsigned threads,
                                             Progress* progress) {
  std::vector<ReadFile> beside;
  for (const auto& path : companion_paths(model.checkpoint.folder())) {
    if (auto file = ReadFile::open(path)) beside.push_back(*std::move(file));
  }
  std::vector<const ReadFile*> files;
  for (const ReadFile& file : model.checkpoint.files()) files.push_back(&file);
  for (const ReadFile& file : beside) files.push_back(&file);
  return library::digests_of(files, threads, progress);
}

namespace {

Result<std::string> sha256_of(const std::filesystem::path& path) {
  if (path.empty()) return std::string();
  auto file = ReadFile::open(path);
  if (!file) return std::move(file).error();
  auto digest = library::digest_of(*file);
  if (!digest) return std::move(digest).error();
  return digest->sha256;
}

Result<std::string> embedding_digest(const ModelView& model) {
  const auto& tensor = model.checkpoint.tensors()[model.anatomy.token_embedding];
  const auto read = [&](uint64_t offset, std::span<std::byte> out) -> Result<size_t> {
    const uint64_t left = tensor.bytes - std::min(tensor.bytes, offset);
    const std::span piece = out.first(std::min<uint64_t>(left, out.size()));
    if (auto status = model.checkpoint.read(tensor, offset, piece); !status) {
      return std::move(status).error();
    }
    return piece.size();
  };
  auto digest = sign::FileHasher().digest(read, 0, tensor.bytes, nullptr);
  if (!digest) return std::move(digest).error();
  return to_hex(*digest);
}

}  // namespace

Result<InputDigests> input_digests(const ModelView& model, const InputPaths& paths) {
  const auto& source = model.vocabulary.source;
  const bool has_file = !source.empty() && !model.checkpoint.own_tokens();
  const std::filesystem::path tokenizer =
      has_file ? model.checkpoint.folder() / source : std::filesystem::path();
  std::filesystem::path adapter;
  if (!paths.base.empty()) {
    const auto local = remote::localise(paths.model);
    if (!local) return local.error();
    const std::filesystem::path& given = local->path;
    std::error_code failure;
    const bool is_folder = std::filesystem::is_directory(given, failure);
    adapter = (is_folder ? given : given.parent_path()) / "adapter_config.json";
  }
  InputDigests out;
  if (paths.has_embedding) {
    auto embedding = embedding_digest(model);
    if (!embedding) return std::move(embedding).error();
    out.embedding = *std::move(embedding);
  }
  std::error_code ignored;
  if (!std::filesystem::exists(adapter, ignored)) adapter.clear();  // GGUF has none
  const std::pair<std::filesystem::path, std::string*> files[] = {{tokenizer, &out.tokenizer},
                                                                  {adapter, &out.adapter_config},
                                                                  {paths.record, &out.record},
                                                                  {paths.naming, &out.naming},
                                                                  {paths.program, &out.program}};
  for (const auto& [path, to] : files) {
    auto digest = sha256_of(path);
    if (!digest) return std::move(digest).error();
    *to = *std::move(digest);
  }
  return out;
}

std::string digest_lines(const InputDigests& digests) {
  std::string out;
  const std::pair<const char*, const std::string*> all[] = {
      {"tokenizer", &digests.tokenizer},
      {"embedding", &digests.embedding},
      {"record", &digests.record},
      {"naming", &digests.naming},
      {"adapter_config", &digests.adapter_config}};
  for (const auto& [name, digest] : all) {
    if (!digest->empty()) out += cat("  ", name, " sha256 ", *digest, "\n");
  }
  return out;
}

}  // namespace wmk::cli
