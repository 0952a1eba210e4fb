#include "lineage/forensics/notice_comparison.h"

#include "checkpoint/text/notice_words.h"

namespace wmk::lineage {

std::vector<Leftover> leftovers(const checkpoint::Notices& suspect,
                                const checkpoint::Notices& reference) {
  std::vector<Leftover> out;
  for (const checkpoint::Notice& notice : suspect.found) {
    Leftover leftover{notice, checkpoint::named_party(notice.kind, notice.text), std::nullopt};
    for (const checkpoint::Notice& other : reference.found) {
      if (other.kind != notice.kind || other.text != notice.text) continue;
      leftover.in_reference = {other.file, other.line};
      break;
    }
    out.push_back(std::move(leftover));
  }
  return out;
}

}  // namespace wmk::lineage
