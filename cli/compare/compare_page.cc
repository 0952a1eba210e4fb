// The page of compare --report: verdict, rules and tests (specs/cli.md 9).
#include "base/text.h"
#include "cli/compare/compare_view.h"
#include "cli/page_parts.h"
#include "lineage/verdict_wording.h"
#include "report/page.h"
#include "report/probability.h"

namespace wmk::cli {

namespace {

using lineage::Outcome;
using lineage::TestResult;
using report::Html;

// A class of the style sheet.
const char* style_of(lineage::LineageVerdict verdict) {
  switch (exit_code(verdict)) {
    case kYes:
      return "yes";
    case kNo:
      return "no";
    default:
      return "open";
  }
}

void add_verdict(const CompareView& view, Html& page) {
  const lineage::LineageVerdict verdict = view.found.judgement.verdict;
  const lineage::VerdictWording& wording = wording_of(verdict);
  page.element("p", "Weightmark \u00b7 comparison of two checkpoints", {{"class", "eyebrow"}});
  page.open("div", {{"class", cat("verdict ", style_of(verdict))}, {"id", "verdict"}});
  page.element("p", capitalised(wording.name), {{"class", "word"}});
  page.element("h1", capitalised(wording.headline));
  page.element("p", wording.meaning, {{"class", "lead"}}).close();
  page.open("div", {{"class", "pair"}});
  add_model("The suspect", view.suspect.path, view.suspect.model, page);
  add_model("The reference", view.reference.path, view.reference.model, page);
  page.close();
}

void add_meaning(const CompareView& view, Html& page) {
  const auto& judgement = view.found.judgement;
  const lineage::VerdictWording& wording = wording_of(judgement.verdict);
  page.element("h2", "The result, and the rule that led to it");
  page.open("p").element("strong", cat(capitalised(wording.name), ": "));
  page.text(cat(judgement.reason, ".")).close();
  if (const std::string direction = library::direction_of(view.found, view.parents);
      !direction.empty()) {
    page.open("p").element("strong", "What structure shows. ");
    page.text(cat(capitalised(direction), ".")).close();
  }
  for (const std::string& note : adapter_notes(view)) {
    page.open("p").element("strong", "An adapter. ");
    page.text(cat(capitalised(note), ".")).close();
  }
  page.open("p").element("strong", "What this does not mean. ").text(wording.caveat).close();
  page.element(
      "p",
      "The verdict follows from the tests by fixed rules, in this order. The first rule that "
      "applies decides; it is marked.");
  page.open("ol");
  const auto rules = lineage::rule_sentences();
  for (size_t i = 0; i < rules.size(); ++i) {
    if (i != static_cast<size_t>(judgement.rule)) {
      page.element("li", rules[i]);
      continue;
    }
    page.open("li", {{"class", "here"}}).text(rules[i]).text(" \u2190 this rule").close();
  }
  page.close();
}

void add_families(const CompareView& view, Html& page) {
  if (view.found.judgement.families.empty()) return;
  report::Table table{
      "A family agrees if its corrected p is below 1e-12 and the agreement is large enough; it "
      "shows nothing if p is above .001. p bounds the probability of such an agreement between "
      "separately trained models, and is corrected for everything that was tried.",
      {"Family", "Corrected p", "log10 p", "Finding"},
      {}};
  for (const lineage::FamilyFinding& family : view.found.judgement.families) {
    const bool ran = family.comparable;
    const char* finding = !ran          ? "not compared"
                          : family.hit  ? "agrees"
                          : family.null ? "nothing"
                                        : "undecided";
    const char* tag = family.hit ? "hit" : family.null ? "null" : "open";
    table.rows.push_back({{std::string(description_of(family.family)), false, ""},
                          {ran ? report::p_bound(family.log10_p) : "\u2013", true, ""},
                          {ran ? report::log10_bound(family.log10_p) : "\u2013", true, ""},
                          {finding, false, family.reason, tag}});
  }
  page.element("h3", "Families of tensors, judged separately");
  report::add_table(table, page);
}

const char* tag_of(Outcome outcome) {
  return outcome == Outcome::hit ? "hit" : outcome == Outcome::null ? "null" : "open";
}

void add_tests(const CompareView& view, Html& page) {
  page.element("h2", "Every test");
  page.element(
      "p",
      "The null hypothesis is what holds for two separately trained models; p bounds the "
      "probability of a value at least this large if it is true. Kind says how far the "
      "bound can be trusted: exact by a theorem, model-based under the stated assumption, "
      "empirical by counting among shuffled copies, none if there is no bound. p and log10 p "
      "are rounded up.");
  report::Table table{
      "All tests of this run, in the most conclusive basis.",
      {"Test", "Null hypothesis", "Value", "p", "log10 p", "Kind", "Hypotheses", "Verdict"},
      {}};
  for (const TestResult& test : view.found.tests) {
    const bool ran = test.outcome != Outcome::not_run;
    const std::string what =
        ran && !test.note.empty() ? cat(test.statistic, ". ", test.note) : test.note;
    table.rows.push_back({{test.name, false, what},
                          {test.null, false, ""},
                          {ran ? fixed(test.value, 2) : "\u2013", true, ""},
                          {test.log10_p ? report::p_bound(*test.log10_p) : "\u2013", true, ""},
                          {test.log10_p ? report::log10_bound(*test.log10_p) : "\u2013", true, ""},
                          {std::string(to_string(test.kind)), false, ""},
                          {test.log10_p ? fixed(test.tried, 0) : "\u2013", true, ""},
                          {std::string(to_string(test.outcome)), false, "", tag_of(test.outcome)}});
  }
  report::add_table(table, page);
}

}  // namespace

std::string compare_page(const CompareView& view) {
  const auto& wording = wording_of(view.found.judgement.verdict);
  Html page;
  report::begin_page(cat("Weightmark: ", capitalised(wording.name)), page);
  add_verdict(view, page);
  add_meaning(view, page);
  add_families(view, page);
  add_tests(view, page);
  add_layer_map(view, page);
  add_experts(view, page);
  add_parents(view, page);
  add_soft_panel(view, page);
  add_notices(view, page);
  add_reproduction(view, page);
  return page.finish();
}

}  // namespace wmk::cli
