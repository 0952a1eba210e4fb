// The last parts of the page: notices in the folder, and how to repeat the run.
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
  out += adapter_options(view);
  for (const ComparedModel& parent : view.also) out += cat(" --also ", shell_word(parent.path));
  if (view.by_expert) out += " --by-expert";
  return out + " --report FILE.html";
}

void add_sampling(const CompareView& view, Html& page) {
  const auto& found = view.found;
  page.element("h3", "What was sampled");
  page.open("ul", {{"class", "plain"}});
  page.element("li", cat("Basis of the residual stream: ", to_string(found.basis), "; ",
                         found.bases_tried.size(), " tried. Every p is corrected for three."));
  page.element("li",
               cat(found.layers.size(),
                   " pairs of layers. Signs of rows: all of them, unless the note of the test "
                   "names a part."));
  uint64_t sampled = 0;
  for (const auto& share : found.shares) sampled += share.sampled;
  page.element("li", cat(sampled,
                         " neurons of the suspect, selected by the seed in runs of 16 and spread "
                         "over its experts, each compared with all neurons of the layer."));
  page.element(
      "li",
      "Map of layers: 32 evenly spread value rows of each layer. Curves: at most 1024 rows "
      "of each matrix. Singular values: 96 rows of q and v in at most eight layers.");
  page.close();
}

}  // namespace

void add_notices(const CompareView& view, Html& page) {
  page.element("h2", "Notices left in the suspect's folder");
  if (view.notices.empty()) {
    page.element("p",
                 "None: no copyright line, licence, base model, class name or persona was found in "
                 "the text and configuration files of the folder.");
    return;
  }
  page.element("p",
               "Lines that say where a model comes from, with file and line number. They are hints "
               "and not proof: anyone can write or remove them, and code and licences are often "
               "quoted lawfully. A line that is also in the reference's folder deserves a closer "
               "look, but proves nothing either.");
  report::Table table{
      cat(view.notices.size(), " lines", view.notices_cut ? "; more lines are not listed" : ""),
      {"Place", "Line", "Kind", "Names", "In the reference"},
      {}};
  for (const auto& [notice, names, in_reference] : view.notices) {
    table.rows.push_back(
        {{place(notice.file, notice.line), false, ""},
         {notice.text, false, ""},
         {std::string(to_string(notice.kind)), false, ""},
         {names.empty() ? "\u2013" : names, false, ""},
         {in_reference ? place(in_reference->file, in_reference->line) : "no", false, ""}});
  }
  report::add_table(table, page);
}

void add_reproduction(const CompareView& view, Html& page) {
  page.element("h2", "How to repeat this");
  page.element(
      "p",
      "The same files, the same program and this command give the same verdict on any "
      "machine, with z to 0.05: processors add in different orders. On one machine the page "
      "is the same to the byte, with any number of threads; it contains no date.");
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
      "Made by Weightmark, which compared the weights of the two models. It knows nothing about "
      "the parties, about dates or about agreements between them.");
  page.close();
}

}  // namespace wmk::cli
