// Structures of all frames of a reading, kept for the readings that share them.
//
// Purpose: making frames reads the whole embedding, and most readings have the same embedding and
// labels. Lifetime: owns the structures; a reference stays valid until the next call.
// Thread-safety: one caller; starts its own workers.
#pragma once

#include <vector>

#include "checkpoint/readings/reading.h"
#include "verify/detect.h"

namespace wmk::verify {

class StructureCache {
 public:
  explicit StructureCache(const DetectRequest& request) : request_(request) {}

  // For each frame in turn, one structure for each share.
  Result<const std::vector<embed::Structure>*> get(const checkpoint::Reading& reading,
                                                   const std::vector<FrameSource>& frames,
                                                   const std::vector<unsigned>& shares);

 private:
  struct Entry {
    checkpoint::Reading reading;
    std::vector<FrameSource> frames;
    std::vector<unsigned> shares;
    std::vector<embed::Structure> structures;
  };
  const DetectRequest& request_;
  std::vector<Entry> entries_;
};

}  // namespace wmk::verify
