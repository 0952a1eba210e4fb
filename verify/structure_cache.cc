#include "verify/structure_cache.h"

#include <algorithm>

namespace wmk::verify {

namespace {

constexpr size_t kFramesOfShares = 12;  // of up to four shares each

}  // namespace

Result<FrameStructures> StructureCache::get(const checkpoint::Reading& reading, FrameSource frame,
                                            const std::vector<unsigned>& shares) {
  // A carried frame depends on the units, which the map was fitted to.
  const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.frame == frame && entry.shares == shares &&
           are_labels_equal(entry.reading, reading) &&
           (frame != FrameSource::carried || are_units_equal(entry.reading, reading));
  });
  if (known != entries_.end()) {
    std::rotate(known, known + 1, entries_.end());
    return entries_.back().made;
  }
  auto structures = make_(subject_of(reading), frame, shares);
  if (!structures) return std::move(structures).error();
  const FrameStructures made{
      std::make_shared<const std::vector<embed::Structure>>(*std::move(structures)), ++count_};
  if (entries_.size() == frames_max_) entries_.erase(entries_.begin());
  entries_.push_back({reading, frame, shares, made});
  return made;
}

StructureCache share_cache(const DetectRequest& request) {
  return {kFramesOfShares,
          [&request](const Subject& subject, FrameSource frame, const auto& shares) {
            return share_structures(subject, frame, shares, request);
          }};
}

}  // namespace wmk::verify
