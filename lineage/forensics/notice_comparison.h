// Leftover notices of the suspect, beside those of the reference (specs/notices.md).
//
// Purpose: lists who is named in the suspect's own folder, and which lines stand in the reference's
// folder too. Findings for a reader, never scored. Thread-safety: pure function.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checkpoint/text/notices.h"

namespace wmk::lineage {

struct Leftover {
  checkpoint::Notice notice;
  std::string names;  // the party; empty where the line names nobody
  // The first line of the reference's folder that says the same.
  struct Place {
    std::string file;
    size_t line = 0;
  };
  std::optional<Place> in_reference;
};

// In the order of `suspect`.
std::vector<Leftover> leftovers(const checkpoint::Notices& suspect,
                                const checkpoint::Notices& reference);

}  // namespace wmk::lineage
