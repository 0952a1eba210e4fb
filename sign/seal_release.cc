// Signing the release statement; see sign/seal.h.
#include <fcntl.h>

#include <algorithm>

#include "base/text.h"
#include "checkpoint/text/notices.h"
#include "sign/keys/statement_key.h"
#include "sign/manifest/model_tree.h"
#include "sign/release/release_statement.h"
#include "sign/seal.h"

namespace wmk::sign {

namespace {

namespace fs = std::filesystem;

FileState state_at(const fs::path& path) {
  return StableFile(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)).state();
}

Error not_as_hashed(std::string_view name) {
  return Error(ErrorCode::io, cat(escaped(name), ": changed while the model was being signed"));
}

// Tensors and notices are read after the files were hashed. The weights files that the tensors come
// from must be those that were hashed, and all signed files must be as they were then.
Status check_unchanged(const SealRequest& request, const Seal& seal,
                       const checkpoint::Checkpoint& model) {
  const auto& resources = seal.statement.resources;
  const bool single = resources.front().name == kSingleFileName;
  for (const ReadFile& file : model.files()) {
    const std::string name =
        single ? std::string(kSingleFileName) : name_inside(request.model, file.path());
    const auto signed_file = std::ranges::find(resources, name, &Resource::name);
    if (signed_file == resources.end()) continue;  // not signed: a note reported it
    const auto i = static_cast<size_t>(signed_file - resources.begin());
    if (state_of(file.descriptor()) != seal.states[i]) return not_as_hashed(file.name());
  }
  for (size_t i = 0; i < resources.size(); ++i) {
    const fs::path path = single ? request.model : request.model / resources[i].name;
    if (state_at(path) != seal.states[i]) return not_as_hashed(path.filename().string());
  }
  return {};
}

}  // namespace

Result<std::string> seal_release(const SealRequest& request, const Seal& seal,
                                 const ReleaseInfo& words) {
  ReleaseStatement release;
  release.subject = seal.statement.subject;
  release.root = seal.statement.root;
  release.manifest = strict_digest(seal.statement.resources);
  release.licence = words.licence;
  release.base_model = words.base_model;
  release.commitment = words.commitment;
  release.mark = words.mark;
  auto model = checkpoint::Checkpoint::open(request.model);
  if (!model) return std::move(model).error();
  auto notices = checkpoint::find_notices(model->folder());
  if (!notices) return std::move(notices).error();
  for (const checkpoint::Notice& notice : notices->found) {
    release.notices.push_back({std::string(checkpoint::to_string(notice.kind)),
                               escaped(notice.file), escaped(notice.text)});
  }
  auto table = tensor_table(*model, request.threads, request.progress, request.is_shared);
  if (!table) return std::move(table).error().within(escaped(request.model.string()));
  release.tensors = std::move(*table);
  auto status = check_unchanged(request, seal, *model);
  if (!status) return std::move(status).error().within(escaped(request.model.string()));
  if (request.statement_key != nullptr) {
    return statement_bundle(release_text(release), *request.statement_key);
  }
  return bundle_for(release_text(release), *request.key, request.certificates);
}

}  // namespace wmk::sign
