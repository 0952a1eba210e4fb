// The files that a signature covers, identified by what fstat reports, so that a loader can compare
// them with the files that it opens.
//
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "sign/verify_model.h"

namespace wmk::cli {

// One line per file, as `stat` prints it.
std::string covered_text(const std::vector<sign::CoveredFile>& files);
// "covered": [...].
void write_covered(const std::vector<sign::CoveredFile>& files, json::Writer& out);

}  // namespace wmk::cli
