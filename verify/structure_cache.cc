#include "verify/structure_cache.h"

#include <algorithm>

namespace wmk::verify {

namespace {

constexpr size_t kEntriesMax = 4;  // of up to 12 frames each

}  // namespace

Result<const std::vector<embed::Structure>*> StructureCache::get(
    const checkpoint::Reading& reading, const std::vector<FrameSource>& frames,
    const std::vector<unsigned>& shares) {
  // A carried frame depends on the units, which the map was fitted to.
  const bool is_carried =
      std::find(frames.begin(), frames.end(), FrameSource::carried) != frames.end();
  for (const Entry& entry : entries_) {
    if (entry.frames == frames && entry.shares == shares &&
        are_labels_equal(entry.reading, reading) &&
        (!is_carried || are_units_equal(entry.reading, reading))) {
      return &entry.structures;
    }
  }
  Entry entry{reading, frames, shares, {}};
  const Subject subject = subject_of(reading);
  for (const FrameSource frame : frames) {
    auto more = share_structures(subject, frame, shares, request_);
    if (!more) return std::move(more).error();
    for (embed::Structure& structure : *more) entry.structures.push_back(std::move(structure));
  }
  if (entries_.size() == kEntriesMax) entries_.erase(entries_.begin());
  entries_.push_back(std::move(entry));
  return &entries_.back().structures;
}

}  // namespace wmk::verify
