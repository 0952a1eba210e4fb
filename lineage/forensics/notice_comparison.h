// Notices left in the suspect's folder, compared with those of the reference (specs/notices.md).
//
// Purpose: lists the parties that the suspect's own folder names, and which of its lines are also
// in the reference's folder. For a reader, never scored. Lifetime: values. Thread-safety: pure
// function.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checkpoint/text/notices.h"

namespace wmk::lineage {

struct ComparedNotice {
  checkpoint::Notice notice;
  std::string names;  // the party; empty if the line names none
  // The first line with the same text in the reference's folder.
  struct Place {
    std::string file;
    size_t line = 0;
  };
  std::optional<Place> in_reference;
};

// In the order of `suspect`.
std::vector<ComparedNotice> compare_notices(const checkpoint::Notices& suspect,
                                            const checkpoint::Notices& reference);

}  // namespace wmk::lineage
