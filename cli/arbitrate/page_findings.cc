// Sections 5 to 7 of a report: the findings, the error rate, the weight.
#include <algorithm>

#include "base/text.h"
#include "cli/arbitrate/page_sections.h"
#include "cli/detect/site_text.h"
#include "cli/page_parts.h"
#include "report/chart.h"
#include "report/page.h"
#include "report/probability.h"

namespace wmk::cli {

namespace {

using report::Html;

// z of unmarked models stays within this, except for one in 15,000.
constexpr double kUnmarkedZ = 4;

const char* tag_of(claims::FindingVerdict verdict) {
  return verdict == claims::FindingVerdict::pass   ? "null"
         : verdict == claims::FindingVerdict::fail ? "hit"
                                                   : "open";
}

void add_finding_table(const CaseAnswer& answer, Html& page) {
  report::Table table{"Each finding is one link of the chain and stands by itself.",
                      {"Finding", "Verdict", "What was found"},
                      {}};
  for (const claims::Finding& each : answer.decision.findings) {
    std::string evidence;
    for (const std::string& digest : each.evidence) {
      evidence += cat(evidence.empty() ? "evidence " : ", ", digest);
    }
    table.rows.push_back({{each.name, false, each.code},
                          {std::string(to_string(each.verdict)), false, "", tag_of(each.verdict)},
                          {each.text, false, evidence}});
  }
  report::add_table(table, page);
}

void add_z(const claims::LinkFacts& link, Html& page) {
  page.open("figure", {{"id", "z"}});
  const double top = std::max({link.z, link.expected_z, 2 * kUnmarkedZ});
  report::draw(report::RangeMark{link.z, -kUnmarkedZ, kUnmarkedZ, std::min(-kUnmarkedZ, link.z),
                                 top, "models without this mark"},
               page);
  page.element("figcaption", cat("z = ", fixed(link.z, 1),
                                 ". The band is the range of chance. An untouched copy "
                                 "is expected to show ",
                                 fixed(link.expected_z, 1), " on the weights that were read."));
  page.close();
}

void add_groups(const CaseAnswer& answer, Html& page) {
  if (!answer.all.found || answer.all.found->groups.empty()) return;
  page.element("h3", "z by layer, site and expert");
  page.element("p",
               "For information only: these values are not corrected for their number, and one "
               "below 4 is not significant.");
  add_group_bars(answer.all.found->groups, page);
}

std::string cell_text(const std::optional<claims::CrossCell>& cell) {
  return cell ? cat(fixed(cell->z, 1), cell->is_shown ? ", shown" : ", not shown")
              : std::string("not read");
}

void add_cross(const CaseAnswer& answer, Html& page) {
  if (!answer.all.facts->cross) return;
  page.element("h3", "Whose mark is in whose model");
  report::Table table{
      "z of each party's disclosed share, read blindly. A release that carries only its owner's "
      "mark is the older one.",
      {"Key", "Claimant's release", "Opponent's release", "Suspect"},
      {}};
  const char* keys[] = {"The claimant's", "The opponent's"};
  for (size_t key = 0; key < 2; ++key) {
    const auto& row = answer.all.facts->cross->cells[key];
    table.rows.push_back({{keys[key], false, ""},
                          {cell_text(row[0]), true, ""},
                          {cell_text(row[1]), true, ""},
                          {cell_text(row[2]), true, ""}});
  }
  report::add_table(table, page);
}

}  // namespace

void add_findings(const CaseAnswer& answer, Html& page) {
  page.element("h2", "Findings");
  add_finding_table(answer, page);
  if (answer.all.facts->link) add_z(*answer.all.facts->link, page);
  add_groups(answer, page);
  add_cross(answer, page);
}

void add_error_rate(const CaseAnswer& answer, Html& page) {
  page.element("h2", "Error rate");
  page.element("p",
               "False yes: for every model made without knowledge of the key, the probability that "
               "z reaches t is at most exp(-t\u00b2/2). This is a theorem (Hoeffding's inequality) "
               "and assumes nothing about weights. p is that bound times a price, which counts "
               "every way of reading that the program could have tried.");
  page.element(
      "p",
      "Measured: 2,000 random keys on a real unmarked model gave z with a standard deviation near "
      "1 and no |z| above 4 (specs/verdicts.md, specs/heads.md, specs/output.md).");
  const auto& link = answer.all.facts->link;
  if (!link) return;
  page.element("p", cat("This finding holds if ", link->claim.text(), "."));
  report::Table table{"Controls of this run", {"Model", "z"}, {}};
  for (const claims::ControlFacts& each : link->controls) {
    table.rows.push_back({{each.path, false, to_hex(each.root)},
                          {fixed(each.z, 2), true, each.is_null ? "null" : "shows the mark"}});
  }
  if (table.rows.empty()) {
    page.element("p", "No control was read in this run.");
  } else {
    report::add_table(table, page);
  }
  page.element("p",
               cat("Missed: on the weights that were read an untouched copy is expected to show z "
                   "= ",
                   fixed(link->expected_z, 1),
                   ", and half of a mark half of that. Training "
                   "that replaces the weights, or an attack on the disclosed share, removes it."));
}

void add_weight(const CaseAnswer& answer, Html& page) {
  page.element("h2", "Weight");
  if (!answer.decision.weight) {
    page.element("p", "No model was read, so there is nothing to weigh.");
    return;
  }
  const claims::Weight& weight = *answer.decision.weight;
  page.element("p", cat("The weight: ", library::weight_words(weight), "."), {{"class", "lead"}});
  page.element("p",
               "p bounds how often a suspect of proposition B would show this much, counting every "
               "commitment from which the claimant could have taken the luckiest. The e-value has "
               "a mean of at most 1 under B, so it reaches x with probability at most 1/x; it may "
               "be multiplied by e-values of other, independent evidence. The two are of the same "
               "data and are never multiplied with each other.");
}

}  // namespace wmk::cli
