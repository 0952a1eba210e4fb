#include "embed/mark/write_heads.h"

#include <algorithm>

#include "base/parallel.h"

namespace wmk::embed {

Status write_heads(const HeadMarker& marker, const checkpoint::CheckpointCopy& copy,
                   unsigned threads, Progress* progress, Change& change) {
  const size_t layers = marker.layers();
  std::vector<HeadMarker::Worker> workers(std::clamp<size_t>(layers, 1, std::max(1u, threads)));
  std::vector<Change> changes(layers);
  Status status = parallel_for(layers, static_cast<unsigned>(workers.size()),
                               [&](size_t layer, unsigned w) -> Status {
                                 if (progress) progress->advance(0);
                                 return workers[w].mark(marker, layer, copy, changes[layer]);
                               });
  for (const Change& each : changes) change += each;
  return status;
}

}  // namespace wmk::embed
