#include "lineage/forensics/notice_comparison.h"

#include "checkpoint/text/notice_words.h"

namespace wmk::lineage {

std::vector<ComparedNotice> compare_notices(const checkpoint::Notices& suspect,
                                            const checkpoint::Notices& reference) {
  std::vector<ComparedNotice> out;
  for (const checkpoint::Notice& notice : suspect.found) {
    ComparedNotice compared{notice, checkpoint::named_party(notice.kind, notice.text),
                            std::nullopt};
    for (const checkpoint::Notice& other : reference.found) {
      if (other.kind != notice.kind || other.text != notice.text) continue;
      compared.in_reference = {other.file, other.line};
      break;
    }
    out.push_back(std::move(compared));
  }
  return out;
}

}  // namespace wmk::lineage
