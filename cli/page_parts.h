// Parts that the pages of several commands share.
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

// `word`, quoted for a shell if necessary.
std::string shell_word(const std::string& word);

// With a capital first letter.
std::string capitalised(std::string_view sentence);

// A term and its value in an open <dl>. `value` may be untrusted text.
void add_fact(const char* name, std::string_view value, report::Html& page);
// The heading, the command and an open <dl> with the program: how a search for a mark is repeated.
void begin_reproduction(const std::string& command, const char* rules, report::Html& page);
// A card with the path, format and size of a model.
void add_model(const char* role, const std::string& path, const ModelView& model,
               report::Html& page);
// A table of files with their digests.
void add_files(const char* caption, const std::vector<FileDigest>& files, report::Html& page);

}  // namespace wmk::cli
