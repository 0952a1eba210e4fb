#include "verify/shared_frame.h"

#include <algorithm>

#include "base/text.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/label_set.h"
#include "verify/detect.h"

namespace wmk::verify {

SharedRows shared_rows(const checkpoint::Vocabulary& vocabulary,
                       const std::vector<uint64_t>& release) {
  SharedRows out;
  out.used.resize(vocabulary.strings.size());
  for (uint64_t row = 0; row < vocabulary.strings.size(); ++row) {
    const std::string& label = vocabulary.strings[row];
    if (label == checkpoint::id_label(row)) continue;
    ++out.named;
    if (!std::binary_search(release.begin(), release.end(), embed::label_hash(label))) continue;
    out.used[row] = true;
    ++out.count;
  }
  return out;
}

const std::vector<uint64_t>& release_labels(const DetectRequest& request) {
  const bool has_record = request.record != nullptr && !request.record->labels.empty();
  return has_record ? request.record->labels : request.release_labels;
}

Result<std::vector<embed::Structure>> shared_structures(const Subject& subject,
                                                        const std::vector<uint64_t>& release,
                                                        const std::vector<unsigned>& shares,
                                                        const DetectRequest& request) {
  const SharedRows rows = shared_rows(*subject.vocabulary, release);
  // Fewer rows than directions span no frame.
  const auto sizes = embed::structure_sizes(subject.anatomy->width, embed::StructureRole::share);
  if (rows.count <= sizes.r) {
    return Error(ErrorCode::unsupported,
                 cat("the release and the suspect have ", rows.count, " tokens in common"));
  }
  std::vector<embed::StructureKey> keys;
  for (const unsigned share : shares) {
    keys.push_back({request.share_key(share), embed::StructureRole::share});
  }
  return embed::make_structures(*subject.checkpoint, *subject.anatomy, subject.vocabulary->strings,
                                std::move(keys), request.threads, nullptr, &rows.used);
}

}  // namespace wmk::verify
