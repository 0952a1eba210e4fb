#include "base/text.h"
#include "cli/arbitrate/page_sections.h"
#include "cli/page_parts.h"
#include "report/page.h"

namespace wmk::cli {

namespace {

using claims::Ruling;

const char* colour_of(Ruling ruling) {
  switch (ruling) {
    case Ruling::conclusive:
    case Ruling::detected:
      return "yes";
    case Ruling::not_found:
      return "no";
    default:
      return "open";
  }
}

void add_ruling(const CaseAnswer& answer, report::Html& page) {
  const claims::Decision& decision = answer.decision;
  page.element("p", "Weightmark \u00b7 arbitration of a claim", {{"class", "eyebrow"}});
  page.open("div", {{"class", cat("verdict ", colour_of(decision.ruling))}, {"id", "ruling"}});
  std::string word(to_string(decision.ruling));
  if (decision.ruling == Ruling::not_found) word = "not found";
  page.element("p", capitalised(word), {{"class", "word"}});
  page.element("h1", capitalised(answer.sentence()));
  page.element("p", library::ruling_meaning(decision.ruling), {{"class", "lead"}});
  for (const std::string& each : decision.limits) {
    page.element("p", cat("Not above undecided because of ", each, "."));
  }
  for (const std::string& each : answer.all.notes) page.element("p", cat("Note: ", each, "."));
  page.close();
}

}  // namespace

std::string case_page(const CaseAnswer& answer) {
  report::Html page;
  report::begin_page("Weightmark: arbitration of a claim", page);
  add_ruling(answer, page);
  add_case(answer, page);
  add_items(answer, page);
  add_propositions(answer, page);
  add_method(answer, page);
  add_findings(answer, page);
  add_error_rate(answer, page);
  add_weight(answer, page);
  add_alternatives(answer, page);
  add_time_line(answer, page);
  add_reproduction(answer, page);
  add_certification(answer, page);
  return page.finish();
}

}  // namespace wmk::cli
