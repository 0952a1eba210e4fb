#include "verify/frame_source.h"

#include "base/text.h"
#include "embed/scheme/keys.h"
#include "verify/carried.h"
#include "verify/detect.h"
#include "verify/shared_frame.h"

namespace wmk::verify {

namespace {

Result<std::vector<embed::Structure>> recorded_structures(const Subject& subject,
                                                          const std::vector<unsigned>& shares,
                                                          const DetectRequest& request) {
  const auto sizes = embed::structure_sizes(subject.anatomy->width, embed::StructureRole::share);
  std::vector<embed::Structure> structures;
  for (unsigned share : shares) {
    const std::string name = cat("share/", share);
    const embed::Frame* recorded = request.record->find(name);
    if (!recorded || recorded->rows != sizes.r) {
      return Error(ErrorCode::malformed, cat("the record has no frame for ", name));
    }
    structures.push_back(make_structure({request.share_key(share), embed::StructureRole::share},
                                        *recorded, std::nullopt));
    ignore_ones(subject.anatomy->ones, structures.back());
  }
  return structures;
}

}  // namespace

std::vector<std::string> make_labels(const Subject& subject, FrameSource source) {
  if (source == FrameSource::strings) return subject.vocabulary->strings;
  std::vector<std::string> labels;
  labels.reserve(subject.anatomy->vocabulary);
  for (uint64_t row = 0; row < subject.anatomy->vocabulary; ++row) {
    labels.push_back(checkpoint::id_label(row));
  }
  return labels;
}

Result<std::vector<embed::Structure>> share_structures(const Subject& subject, FrameSource source,
                                                       const std::vector<unsigned>& shares,
                                                       const DetectRequest& request) {
  if (source == FrameSource::recorded) return recorded_structures(subject, shares, request);
  if (source == FrameSource::shared) {
    return shared_structures(subject, release_labels(request), shares, request);
  }
  std::vector<embed::StructureKey> keys;
  for (unsigned share : shares) {
    keys.push_back({request.share_key(share), embed::StructureRole::share});
  }
  if (source == FrameSource::carried) {
    const bool are_ids = request.record && !request.record->string_labels;
    return request.carried->structures(subject, std::move(keys), {request.record, are_ids, shares},
                                       {request.threads, request.progress});
  }
  return embed::make_structures(*subject.checkpoint, *subject.anatomy, make_labels(subject, source),
                                std::move(keys), request.threads, nullptr);
}

}  // namespace wmk::verify
