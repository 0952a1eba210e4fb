// How sign and verify list the files that a signature does not cover.
//
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "sign/manifest/coverage.h"

namespace wmk::cli {

// "3 files, 5.0 kB".
std::string files_text(uint64_t files, uint64_t bytes);
// Lines of the answer; empty if everything is covered.
std::string uncovered_text(const std::vector<sign::Uncovered>& list);
// "uncovered": [...], "uncovered_files", "uncovered_bytes".
void write_uncovered(const std::vector<sign::Uncovered>& list, json::Writer& out);

}  // namespace wmk::cli
