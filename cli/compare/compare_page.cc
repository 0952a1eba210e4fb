#include "base/text.h"
#include "cli/compare/compare_view.h"
#include "lineage/verdict_wording.h"
#include "cli/page_parts.h"
#include "report/page.h"

namespace wmk::cli {

namespace {

using lineage::Outcome;
using lineage::TestResult;
using report::Html;

void add_verdict(const CompareView& view, Html& page) {
  const lineage::VerdictWords& words = words_of(view.found.judgement.verdict);
  page.element("p", "Weightmark \u00b7 comparison of two checkpoints", {{"class", "eyebrow"}});
  page.open("div", {{"class", cat("verdict ", words.look)}, {"id", "verdict"}});
  page.element("p", words.word, {{"class", "word"}}).element("h1", words.headline);
  page.element("p", words.meaning, {{"class", "lead"}}).close();
  page.open("div", {{"class", "pair"}});
  add_model("The suspect", view.suspect.path, view.suspect.model, page);
  add_model("The reference: what it may come from", view.reference.path, view.reference.model,
            page);
  page.close();
}

void add_meaning(const CompareView& view, Html& page) {
  const auto& judgement = view.found.judgement;
  const lineage::VerdictWords& words = words_of(judgement.verdict);
  page.element("h2", "What was found, and by which rule");
  page.open("p").element("strong", cat(words.word, ": ")).text(cat(judgement.reason, ".")).close();
  page.open("p").element("strong", "What this does not mean. ").text(words.not_meaning).close();
  page.element("p",
               "The verdict follows from the tests by fixed rules, tried in this order. The first "
               "that applies decides; the one that did is marked.");
  page.open("ol");
  const size_t applied = applied_rule(judgement);
  for (size_t i = 0; i < lineage::verdict_rules().size(); ++i) {
    if (i != applied) {
      page.element("li", lineage::verdict_rules()[i]);
      continue;
    }
    page.open("li", {{"class", "here"}}).text(lineage::verdict_rules()[i]);
    page.text(" \u2190 this rule").close();
  }
  page.close();
}

// A logarithm without the sign of a zero.
std::string log_words(double log10_p) { return log10_p > -.05 ? "0.0" : fixed(log10_p, 1); }

void add_families(const CompareView& view, Html& page) {
  if (view.found.judgement.families.empty()) return;
  report::Table table{
      "A family agrees where its corrected p is below 1e-12 and the agreement is "
      "large enough; it shows nothing where p is above .001. p is the chance of "
      "such an agreement between models trained apart, multiplied by everything "
      "that was tried.",
      {"Family", "Corrected p", "log10 p", "Finding"},
      {}};
  for (const lineage::FamilyFinding& family : view.found.judgement.families) {
    const bool ran = family.comparable;
    const char* finding = !ran          ? "not compared"
                          : family.hit  ? "agrees"
                          : family.null ? "nothing"
                                        : "undecided";
    const char* tag = family.hit ? "hit" : family.null ? "null" : "open";
    table.rows.push_back({{family_words(family.family), false, ""},
                          {ran ? report::p_words(family.log10_p) : "\u2013", true, ""},
                          {ran ? log_words(family.log10_p) : "\u2013", true, ""},
                          {finding, false, family.reason, tag}});
  }
  page.element("h3", "The families of tensors, each a witness of its own");
  report::add_table(table, page);
}

const char* tag_of(Outcome outcome) {
  return outcome == Outcome::hit ? "hit" : outcome == Outcome::null ? "null" : "open";
}

void add_tests(const CompareView& view, Html& page) {
  page.element("h2", "Every test");
  page.element("p",
               "A null hypothesis is what would be true of two models trained apart; p bounds the "
               "chance of a value at least this large if it were. Kind tells how far the bound can "
               "be trusted: exact by a theorem, model-based under an assumption that is stated, "
               "empirical by counting among shuffled copies, none where there is no bound. Where p "
               "is smaller than a number can be it is "
               "given as < 1e-300, and its logarithm tells the rest.");
  report::Table table{
      "All tests of this run, in the coordinates that say most.",
      {"Test", "Null hypothesis", "Value", "p", "log10 p", "Kind", "Hypotheses", "Verdict"},
      {}};
  for (const TestResult& test : view.found.tests) {
    const bool ran = test.outcome != Outcome::not_run;
    const std::string what =
        ran && !test.note.empty() ? cat(test.statistic, ". ", test.note) : test.note;
    table.rows.push_back({{test.name, false, what},
                          {test.null, false, ""},
                          {ran ? fixed(test.value, 2) : "\u2013", true, ""},
                          {test.log10_p ? report::p_words(*test.log10_p) : "\u2013", true, ""},
                          {test.log10_p ? log_words(*test.log10_p) : "\u2013", true, ""},
                          {std::string(word(test.kind)), false, ""},
                          {test.log10_p ? fixed(test.tried, 0) : "\u2013", true, ""},
                          {std::string(word(test.outcome)), false, "", tag_of(test.outcome)}});
  }
  report::add_table(table, page);
}

}  // namespace

std::string compare_page(const CompareView& view) {
  const lineage::VerdictWords& words = words_of(view.found.judgement.verdict);
  Html page;
  report::begin_page(cat("Weightmark: ", words.word), page);
  add_verdict(view, page);
  add_meaning(view, page);
  add_families(view, page);
  add_tests(view, page);
  add_layer_map(view, page);
  add_experts(view, page);
  add_parents(view, page);
  add_soft_panel(view, page);
  add_leftovers(view, page);
  add_reproduction(view, page);
  return page.finish();
}

}  // namespace wmk::cli
