#include "report/page.h"

#include "base/text.h"
#include "report/style_sheet.h"

namespace wmk::report {

namespace {

// A second line of defence: even markup that got into the page can load and run nothing.
constexpr char kPolicy[] = "default-src 'none'; style-src 'unsafe-inline'";
// Single words up to this length are not broken at the end of a line.
constexpr size_t kShortWord = 15;

void add_cell(const Cell& cell, const std::string& head, bool is_head, Html& page) {
  const bool is_short = cell.text.size() <= kShortWord && cell.text.find(' ') == std::string::npos;
  const std::string kind = cell.is_number ? "number" : is_short ? "text short" : "text";
  if (is_head) {
    page.open("th", {{"scope", "row"}}).text(cell.text);
  } else {
    page.open("td", {{"class", kind}, {"data-name", head}});
    page.element("span", cell.text, {{"class", cell.tag.empty() ? "" : cat("tag ", cell.tag)}});
  }
  if (!cell.note.empty()) page.element("span", cell.note, {{"class", "note"}});
  page.close();
}

}  // namespace

void begin_page(const std::string& title, Html& page) {
  page.open("html", {{"lang", "en"}}).open("head").void_element("meta", {{"charset", "utf-8"}});
  page.void_element("meta", {{"http-equiv", "Content-Security-Policy"}, {"content", kPolicy}});
  page.void_element("meta",
                    {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  page.void_element("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
  page.element("title", title).style(kStyleSheet).close();
  page.open("body").open("main");
}

void add_table(const Table& table, Html& page) {
  page.open("table", {{"class", "cards"}}).element("caption", table.caption);
  page.open("thead").open("tr");
  for (size_t i = 0; i < table.heads.size(); ++i) {
    const bool is_number = !table.rows.empty() && table.rows[0][i].is_number;
    page.element("th", table.heads[i],
                 {{"scope", "col"}, {"class", is_number ? "number" : "text"}});
  }
  page.close().close().open("tbody");
  for (const auto& row : table.rows) {
    page.open("tr");
    for (size_t i = 0; i < row.size(); ++i) add_cell(row[i], table.heads[i], i == 0, page);
    page.close();
  }
  page.close().close();
}

}  // namespace wmk::report
