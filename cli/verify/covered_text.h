// What a signature speaks for, file by file: by what a loader can see of the file that it opened.
//
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "sign/verify_model.h"

namespace wmk::cli {

// A line each, as `stat` prints it.
std::string covered_text(const std::vector<sign::CoveredFile>& files);
// "covered": [...].
void write_covered(const std::vector<sign::CoveredFile>& files, json::Writer& out);

}  // namespace wmk::cli
