#include "verify/by_layer.h"

#include "embed/read/scan.h"
#include "embed/read/score.h"

namespace wmk::verify {

Result<std::vector<GroupZ>> z_by_group(const checkpoint::Checkpoint& checkpoint,
                                       const checkpoint::Anatomy& anatomy,
                                       const std::vector<embed::Structure>& structures,
                                       embed::TagRule tags, unsigned threads, Progress* progress) {
  if (progress) progress->begin("by layer", embed::weight_bytes(checkpoint, anatomy));
  std::vector<GroupZ> out;
  for (size_t g = 0; g < anatomy.groups.size(); ++g) {
    const auto blocks = checkpoint::blocks_of(checkpoint, anatomy, g);
    embed::Scan scan(checkpoint, anatomy, structures, blocks, false);
    while (!scan.done()) {
      Status status = scan.advance(threads, progress);
      if (!status) return std::move(status).error();
    }
    embed::Correlation total;
    for (size_t s = 0; s < structures.size(); ++s) {
      total += correlate(structures[s], guarded(structures[s], scan.sketches().at(s, tags)));
    }
    const auto& group = anatomy.groups[g];
    out.push_back(
        {group.layer, group.expert, group.shared, group.part, scan.sketches().weights, total.z()});
  }
  if (progress) progress->end();
  return out;
}

}  // namespace wmk::verify
