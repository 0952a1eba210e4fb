#include "verify/structure_cache.h"

namespace wmk::verify {

namespace {

constexpr size_t kEntriesMax = 12;  // of up to four frames each

}  // namespace

Result<FrameStructures> StructureCache::get(const checkpoint::Reading& reading, FrameSource frame,
                                            const std::vector<unsigned>& shares) {
  for (const Entry& entry : entries_) {
    // A carried frame depends on the units, which the map was fitted to.
    if (entry.frame == frame && entry.shares == shares &&
        are_labels_equal(entry.reading, reading) &&
        (frame != FrameSource::carried || are_units_equal(entry.reading, reading))) {
      return entry.made;
    }
  }
  auto structures = share_structures(subject_of(reading), frame, shares, request_);
  if (!structures) return std::move(structures).error();
  const FrameStructures made{
      std::make_shared<const std::vector<embed::Structure>>(*std::move(structures)), ++count_};
  if (entries_.size() == kEntriesMax) entries_.erase(entries_.begin());
  entries_.push_back({reading, frame, shares, made});
  return made;
}

}  // namespace wmk::verify
