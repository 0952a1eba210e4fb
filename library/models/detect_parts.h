// Parts of a detection: computing one, and merging all of them (specs/parts.md).
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "embed/parts/part_file.h"
#include "verify/detect.h"

namespace wmk::library {

// Which part, from 1, of how many.
struct PartNumber {
  unsigned part = 1, parts = 1;
};
// "2/8". Errors (invalid_argument): anything else, or a part that is not one of them.
Result<PartNumber> part_number(std::string_view text);

struct PartWritten {
  size_t scans = 0;
  uint64_t bytes_read = 0, bytes_written = 0;
  std::vector<std::string> faults;  // scans that could not be read, which the merge will try
};

// Reads the part's blocks in all scans that a detection without an answer would make, and writes
// their sums to `output`. `request`: that of the detection. Errors: those of verify::detect();
// nothing to split; writing.
Result<PartWritten> write_detect_part(checkpoint::ReadingList& suspect,
                                      verify::DetectRequest request, PartNumber number,
                                      const std::string& output, bool replace);

// The sums of the parts in these files, for DetectRequest::parts. Errors, which name files: not
// parts of this detection; parts that are missing or given twice.
Result<embed::PartSums> merge_detect_parts(const std::vector<std::string>& paths,
                                           checkpoint::ReadingList& suspect,
                                           const verify::DetectRequest& request);

}  // namespace wmk::library
