// What the pages of several commands hold.
//
// Thread-safety: pure functions on the caller's Html.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/file_digests.h"
#include "cli/inputs.h"
#include "report/html.h"

namespace wmk::cli {

// As a shell takes it.
std::string shell_word(const std::string& word);

// A term and what there is to say of it, in a list that is open. `value` may be a stranger's.
void add_fact(const char* name, std::string_view value, report::Html& page);
// A card: where the model lies and what it is.
void add_model(const char* role, const std::string& path, const OpenedModel& model,
               report::Html& page);
// A table of files with their digests.
void add_files(const char* caption, const std::vector<FileDigest>& files, report::Html& page);

}  // namespace wmk::cli
