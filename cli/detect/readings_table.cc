#include "cli/detect/readings_table.h"

#include "base/text.h"
#include "library/words/detect_words.h"
#include "report/page.h"

namespace wmk::cli {

namespace {

std::string place_words(const verify::Hypothesis& hypothesis) {
  const std::string window =
      hypothesis.window > 0 ? cat(", window ", hypothesis.window) : std::string();
  return cat(to_string(hypothesis.frame), window);
}

}  // namespace

void add_readings(const verify::Detection& found, report::Html& page) {
  if (library::readings_tried(found) < 2) return;
  page.element("h2", "Readings of the tensors");
  page.element("p",
               cat("Names, configuration and tokenizer were written by the owner of the model. "
                   "What is reported was read as: ",
                   found.reading_words, "."));
  if (!found.why_not_declared.empty()) {
    page.element("p", cat("Why not as declared: ", found.why_not_declared, "."));
  }
  report::Table table{
      "What was tried, in this order. A reading is left once an untouched copy would have shown "
      "much more than is seen.",
      {"Reading", "Frame", "Place", "Read", "z", "Untouched copy"},
      {}};
  for (const verify::Tried& each : found.tried) {
    const bool is_read = each.fault.empty();
    table.rows.push_back({{each.reading, false, each.fault},
                          {place_words(each.hypothesis), false, ""},
                          {std::to_string(each.hypothesis.place), true, ""},
                          {is_read ? cat(fixed(100 * each.part, 0), " %") : "", true, ""},
                          {is_read ? fixed(each.z, 1) : "", true, ""},
                          {is_read ? fixed(each.expected_z, 1) : "", true, ""}});
  }
  report::add_table(table, page);
}

}  // namespace wmk::cli
