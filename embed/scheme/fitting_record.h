// Reading the record that fits a release, also after a run of `embed --force` that was killed.
//
// Purpose: `embed` writes the new record beside the old one, exchanges the release and then renames
// the record (embed/mark/publish.h). If it is killed in between, both records exist, and the digest
// of the release tells which of them is the right one. Thread-safety: pure functions; they read
// files.
#pragma once

#include <filesystem>
#include <vector>

#include "embed/scheme/record.h"

namespace wmk::embed {

// "OUT.mark": where the record of a release is written unless the user names another place.
std::filesystem::path default_record_path(const std::filesystem::path& release);
// "OUT.mark.new": the record of a release that is about to get its name.
std::filesystem::path new_record_path(const std::filesystem::path& record);

// The record at `path`; that at new_record_path(path) instead if it fits one of `releases` and the
// one at `path` does not, or does not exist. The folder or file that `path` names without ".mark"
// is a release too. Releases that cannot be opened fit no record.
Result<MarkRecord> read_fitting_record(const std::filesystem::path& path,
                                       std::vector<std::filesystem::path> releases);

// Finishes what a killed run left: the record at new_record_path(path) becomes the one at `path` if
// read_fitting_record() would take it.
Status settle_records(const std::filesystem::path& path,
                      std::vector<std::filesystem::path> releases);

}  // namespace wmk::embed
