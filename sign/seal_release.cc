// Signing the release statement; see sign/seal.h.
#include "base/text.h"
#include "checkpoint/text/notices.h"
#include "sign/keys/statement_key.h"
#include "sign/release/release_statement.h"
#include "sign/seal.h"

namespace wmk::sign {

Result<std::string> seal_release(const SealRequest& request, const Seal& seal,
                                 const ReleaseInfo& words) {
  ReleaseStatement release;
  release.subject = seal.statement.subject;
  release.root = seal.statement.root;
  release.manifest = strict_digest(seal.statement.resources);
  release.licence = words.licence;
  release.base_model = words.base_model;
  release.commitment = words.commitment;
  auto model = checkpoint::Checkpoint::open(request.model);
  if (!model) return std::move(model).error();
  auto notices = checkpoint::find_notices(model->folder());
  if (!notices) return std::move(notices).error();
  for (const checkpoint::Notice& notice : notices->found) {
    release.notices.push_back({std::string(checkpoint::to_string(notice.kind)),
                               escaped(notice.file), escaped(notice.text)});
  }
  auto table = tensor_table(*model, request.threads, request.progress);
  if (!table) return std::move(table).error().within(escaped(request.model.string()));
  release.tensors = std::move(*table);
  if (request.statement_key != nullptr) {
    return statement_bundle(release_text(release), *request.statement_key);
  }
  return bundle_for(release_text(release), *request.key, request.certificates);
}

}  // namespace wmk::sign
