// What the sites of a mark show: lines of the answer, members of the JSON document and rows of the
// page.
//
// Thread-safety: pure functions.
#pragma once

#include <string>

#include "base/json.h"
#include "library/words/site_words.h"
#include "report/page.h"
#include "verify/detect.h"

namespace wmk::cli {

// z of each site, where more than one was read; else empty.
std::string site_line(const verify::Detection& found);
void write_sites(const verify::Detection& found, json::Writer& out);
void write_groups(const verify::Detection& found, json::Writer& out);
void add_site_rows(const verify::Detection& found, report::Table& table);
// z of each layer, site and expert as bars: the first 4,096, and a sentence if there are more.
void add_group_bars(const std::vector<verify::GroupZ>& groups, report::Html& page);

}  // namespace wmk::cli
