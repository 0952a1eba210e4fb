// Structures of the frames of readings, kept for the readings that share them.
//
// Purpose: making a frame reads the whole embedding, and most readings have the same embedding and
// labels. Lifetime: shares ownership of the structures. Thread-safety: one caller; starts its own
// workers.
#pragma once

#include <memory>
#include <vector>

#include "checkpoint/readings/reading.h"
#include "embed/read/vector_memo.h"
#include "verify/detect.h"

namespace wmk::verify {

// One structure for each share, on frames from one source.
struct FrameStructures {
  std::shared_ptr<const std::vector<embed::Structure>> structures;
  uint64_t number = 0;  // no two frames of a cache have the same one
  std::shared_ptr<embed::VectorMemo> heads = std::make_shared<embed::VectorMemo>();
};

class StructureCache {
 public:
  explicit StructureCache(const DetectRequest& request) : request_(request) {}

  Result<FrameStructures> get(const checkpoint::Reading& reading, FrameSource frame,
                              const std::vector<unsigned>& shares);

 private:
  struct Entry {
    checkpoint::Reading reading;
    FrameSource frame;
    std::vector<unsigned> shares;
    FrameStructures made;
  };
  const DetectRequest& request_;
  std::vector<Entry> entries_;
  uint64_t count_ = 0;  // made so far
};

}  // namespace wmk::verify
