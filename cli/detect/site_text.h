// What the sites of a mark show: words, lines of the answer, members of the JSON document and rows
// of the page.
//
// Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "report/page.h"
#include "verify/detect.h"

namespace wmk::cli {

// "the FFN neurons", "the attention heads", "all sites together".
std::string_view site_words(verify::SiteChoice site);
// The sites that a *no* is about: "the FFN neurons or the attention heads".
std::string excluded_words(const verify::Detection& found);
// What the sites say together (specs/heads.md 6), if they do not agree.
std::optional<std::string> disagreement(const verify::Detection& found);
// "layer 3, expert 1", "layer 3, heads".
std::string group_name(const verify::GroupZ& group);

// z of each site, where more than one was read; else empty.
std::string site_line(const verify::Detection& found);
void write_sites(const verify::Detection& found, json::Writer& out);
void write_groups(const verify::Detection& found, json::Writer& out);
void add_site_rows(const verify::Detection& found, report::Table& table);
// z of each layer, site and expert as bars: the first 4,096, and a sentence if there are more.
void add_group_bars(const std::vector<verify::GroupZ>& groups, report::Html& page);

}  // namespace wmk::cli
