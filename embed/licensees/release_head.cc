#include "embed/licensees/release_head.h"

#include <algorithm>

#include "embed/output/output_from_weights.h"
#include "embed/output/output_head.h"

namespace wmk::embed {

Result<SlotSums> slot_sums_of(const checkpoint::Checkpoint& checkpoint,
                              const checkpoint::Anatomy& anatomy,
                              const std::vector<std::string>& labels,
                              const crypto::SecretBytes& master, unsigned threads,
                              Progress* progress) {
  const auto head = find_output_head(checkpoint, anatomy);
  if (!head) return head.error();
  if (!head->missing.empty()) return Error(ErrorCode::unsupported, head->missing);
  const auto carriers = output_carriers(master, 0, true, head_labels(labels, head->rows), threads);
  auto read = read_output_weights(checkpoint, *head, carriers, threads, progress);
  if (!read) return std::move(read).error();
  return std::move(read->slot_sums);
}

void subtract(const SlotSums& release, SlotSums& sums) {
  for (size_t i = 0; i < std::min(release.size(), sums.size()); ++i) {
    double product = 0, squares = 0;
    for (size_t j = 0; j < sums[i].size(); ++j) {
      product += release[i][j] * sums[i][j];
      squares += release[i][j] * release[i][j];
    }
    for (size_t j = 0; squares > 0 && j < sums[i].size(); ++j) {
      sums[i][j] -= product / squares * release[i][j];
    }
  }
}

}  // namespace wmk::embed
