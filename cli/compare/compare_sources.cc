#include "base/text.h"
#include "cli/compare/compare_view.h"
#include "cli/page_parts.h"
#include "report/page.h"

namespace wmk::cli {

namespace {

using report::Html;

std::string place(const std::string& file, size_t line) { return cat(file, ":", line); }

std::string command_line(const CompareView& view) {
  std::string out = cat("weightmark compare ", shell_word(view.suspect.path), " ",
                        shell_word(view.reference.path), " --seed ", view.seed);
  for (const ComparedModel& parent : view.also) out += cat(" --also ", shell_word(parent.path));
  if (view.by_expert) out += " --by-expert";
  return out + " --report FILE.html";
}

void add_sampling(const CompareView& view, Html& page) {
  const auto& found = view.found;
  page.element("h3", "What was looked at");
  page.open("ul", {{"class", "plain"}});
  page.element("li", cat("Coordinates of the residual stream: ", word(found.gauge), "; ",
                         found.gauges_tried.size(), " tried. Every p pays for three."));
  page.element("li", cat(found.layers.size(),
                         " pairs of layers. Signs of rows: all of these, "
                         "unless the note of the test says which part."));
  uint64_t sampled = 0;
  for (const auto& share : found.shares) sampled += share.sampled;
  page.element("li", cat(sampled,
                         " neurons of the suspect, drawn with the seed in runs of 16 and "
                         "spread over its experts, each beside all neurons of the layer."));
  page.element("li",
               "Map of layers: 32 value rows of each layer at even distances. Curves: at most "
               "1024 rows of each matrix. Singular values: 96 rows of q and v in at most "
               "eight layers.");
  page.close();
}

}  // namespace

void add_leftovers(const CompareView& view, Html& page) {
  page.element("h2", "Notices left in the suspect's folder");
  if (view.leftovers.empty()) {
    page.element("p",
                 "None: no copyright line, licence, base model, class or persona was found in "
                 "the texts and settings of the folder.");
    return;
  }
  page.element("p",
               "Lines that say where a model comes from, with file and line. They are findings and "
               "never proof: anybody can write or remove them, and code and licences are quoted "
               "lawfully all the time. A line that stands in the reference's folder too deserves a "
               "closer look, and is still no proof.");
  report::Table table{cat(view.leftovers.size(), " lines",
                          view.leftovers_cut ? "; there are more that are not listed" : ""),
                      {"Place", "Line", "Kind", "Names", "In the reference"},
                      {}};
  for (const auto& [notice, names, in_reference] : view.leftovers) {
    table.rows.push_back(
        {{place(notice.file, notice.line), false, ""},
         {notice.text, false, ""},
         {std::string(name(notice.kind)), false, ""},
         {names.empty() ? "\u2013" : names, false, ""},
         {in_reference ? place(in_reference->file, in_reference->line) : "no", false, ""}});
  }
  report::add_table(table, page);
}

void add_reproduction(const CompareView& view, Html& page) {
  page.element("h2", "How to repeat this");
  page.element("p",
               "With the same files, the same program and this command the result is the same "
               "to the last digit, on any machine and for any number of threads. This page "
               "carries no date so that it is the same, too.");
  page.open("pre").element("code", command_line(view)).close();
  page.open("dl");
  page.element("dt", "Program").element("dd", cat("weightmark ", WMK_VERSION));
  page.element("dt", "Seed").element("dd", std::to_string(view.seed));
  page.element("dt", "Tests and rules").element("dd", "specs/lineage.md of the program's source");
  page.close();
  add_sampling(view, page);
  page.element("h3", "What was read");
  add_files("Files of the suspect", view.suspect.files, page);
  add_files("Files of the reference", view.reference.files, page);
  for (const ComparedModel& parent : view.also) {
    add_files("Files of a further candidate", parent.files, page);
  }
  page.open("footer").text(
      "Made by Weightmark, which compared the weights of the two models themselves. It knows "
      "nothing of the parties, of dates or of agreements between them.");
  page.close();
}

}  // namespace wmk::cli
