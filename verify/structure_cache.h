// Structures of the frames of readings, kept for the readings that share them.
//
// Purpose: making a frame reads the whole embedding, and most readings have the same embedding and
// labels. Lifetime: shares ownership of the structures. Thread-safety: one caller; starts its own
// workers.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "checkpoint/readings/reading.h"
#include "embed/read/vector_memo.h"
#include "verify/detect.h"

namespace wmk::verify {

// Structures on frames from one source: one for each share, or one for all licensees.
struct FrameStructures {
  std::shared_ptr<const std::vector<embed::Structure>> structures;
  uint64_t number = 0;  // no two frames of a cache have the same one
  std::shared_ptr<embed::VectorMemo> heads = std::make_shared<embed::VectorMemo>();
};

class StructureCache {
 public:
  // The structures of a frame of this subject; `shares` as get() was called.
  using Make = std::function<Result<std::vector<embed::Structure>>(
      const Subject& subject, FrameSource frame, const std::vector<unsigned>& shares)>;

  // Keeps those of as many frames, the ones that were asked for last.
  StructureCache(size_t frames_max, Make make) : frames_max_(frames_max), make_(std::move(make)) {}

  // `shares`: none where structures have no shares.
  Result<FrameStructures> get(const checkpoint::Reading& reading, FrameSource frame,
                              const std::vector<unsigned>& shares = {});

 private:
  struct Entry {
    checkpoint::Reading reading;
    FrameSource frame;
    std::vector<unsigned> shares;
    FrameStructures made;
  };
  size_t frames_max_;
  Make make_;
  std::vector<Entry> entries_;
  uint64_t count_ = 0;  // made so far
};

// Of the frames in which detection reads shares. `request` must outlive it.
StructureCache share_cache(const DetectRequest& request);

}  // namespace wmk::verify
