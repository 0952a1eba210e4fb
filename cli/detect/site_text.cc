#include "cli/detect/site_text.h"

#include <algorithm>

#include "base/text.h"
#include "report/chart.h"

namespace wmk::cli {

std::string site_line(const verify::Detection& found) {
  if (found.sites.size() < 2) return {};
  std::string out = cat("  decided by ", library::site_words(found.site), "; by site:");
  for (const verify::SiteZ& site : found.sites) {
    out += cat(&site == found.sites.data() ? " " : ", ", to_string(site.site), " ",
               fixed(site.z, 1), " (expected ", fixed(site.expected_z, 1), ")");
  }
  return out + "\n";
}

void write_sites(const verify::Detection& found, json::Writer& out) {
  out.key("sites").begin_array();
  for (const verify::SiteZ& site : found.sites) {
    out.begin_object().member("site", to_string(site.site)).member("z", site.z);
    out.member("expected_z", site.expected_z).member("weights", site.weights).key("head");
    site.head.empty() ? out.null() : out.value(site.head);
    out.end_object();
  }
  out.end_array().key("excluded_sites").begin_array();
  for (const embed::Site site : found.excluded) out.value(to_string(site));
  out.end_array();
}

void write_groups(const verify::Detection& found, json::Writer& out) {
  out.key("layers").begin_array();
  for (const verify::GroupZ& group : found.groups) {
    out.begin_object().member("site", to_string(group.site)).member("layer", group.layer);
    out.key("expert");
    group.expert ? out.value(*group.expert) : out.null();
    out.member("shared", group.shared)
        .member("part", group.part)
        .member("weights", group.weights)
        .member("z", group.z);
    out.end_object();
  }
  out.end_array();
}

void add_site_rows(const verify::Detection& found, report::Table& table) {
  for (const verify::SiteZ& site : found.sites) {
    const std::string note = cat("expected ", fixed(site.expected_z, 1), ", ",
                                 si(static_cast<double>(site.weights)), " weights");
    table.rows.push_back(
        {{cat("z of ", library::site_words(verify::choice_of(site.site))), false, note},
         {fixed(site.z, 2), true, ""}});
  }
  table.rows.push_back(
      {{"Decided by", false, ""}, {std::string(library::site_words(found.site)), true, ""}});
}

void add_group_bars(const std::vector<verify::GroupZ>& groups, report::Html& page) {
  constexpr double kTopMin = 4;      // at least, so that chance looks small
  constexpr size_t kBarsMax = 4096;  // more would make the page too large; --json lists all
  double top = kTopMin;
  for (const verify::GroupZ& group : groups) top = std::max(top, group.z);
  std::vector<report::Bar> bars;
  for (const verify::GroupZ& group : groups) {
    if (bars.size() == kBarsMax) break;
    const std::string name = library::group_name(group), z = fixed(group.z, 1);
    bars.push_back({name, cat(name, ": z = ", z), std::max(0.0, group.z / top), z});
  }
  if (bars.size() < groups.size()) {
    page.element("p", cat("Only the first ", bars.size(), " of ", groups.size(), " are shown."));
  }
  report::draw(bars, page);
}

}  // namespace wmk::cli
