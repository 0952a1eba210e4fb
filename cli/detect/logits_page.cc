#include <algorithm>

#include "base/text.h"
#include "cli/detect/logits_view.h"
#include "cli/page_parts.h"
#include "library/words/detect_words.h"
#include "library/words/logits_words.h"
#include "report/chart.h"
#include "report/page.h"
#include "report/probability.h"

namespace wmk::cli {

namespace {

using report::Html;

void add_logits_verdict(const LogitsView& view, Html& page) {
  const verify::LogitsDetection& found = view.found;
  const library::VerdictWords& words = library::words_of(found.level);
  const bool is_yes = report::is_yes(found.level);
  page.element("p", "Weightmark \u00b7 search for a mark in logits", {{"class", "eyebrow"}});
  page.open("div", {{"class", cat("verdict ", words.colour)}, {"id", "verdict"}});
  page.element("p", capitalised(words.name), {{"class", "word"}});
  page.element("h1", capitalised(library::finding(found, "the key")));
  if (is_yes) page.element("p", cat("It means: ", kLogitsMeaning, "."), {{"class", "lead"}});
  page.element("p", cat("This holds if ", found.claim.text(), "."), {{"id", "conditions"}});
  page.close();
  page.open("div", {{"class", "pair"}}).open("div", {{"class", "card"}});
  page.element("p", "The logits", {{"class", "eyebrow"}}).open("dl");
  add_fact("Rows", std::to_string(found.rows), page);
  add_fact("Columns", std::to_string(found.columns), page);
  add_fact("Tokenizer", view.inputs.tokenizer, page);
  page.close().close().open("div", {{"class", "card"}});
  page.element("p", "The key", {{"class", "eyebrow"}}).open("h3").name(view.fingerprint).close();
  if (!view.inputs.record.empty()) {
    page.open("dl");
    add_fact("Record", view.inputs.record, page);
    page.close();
  }
  page.close().close();
}

void add_logits_statistic(const LogitsView& view, Html& page) {
  constexpr double kChanceOfLogits = 4;
  const verify::LogitsTried& best = view.found.best;
  page.element("h2", "The statistic and its p-value");
  page.element(
      "p",
      "Every row of logits lies in the span of the model's output head. z sums, over all "
      "tokens, how far that span is turned towards the secret signs that the key gives to "
      "tokens. For a model without the mark, or for another key, z is near 0 with standard "
      "deviation 1.");
  page.open("figure", {{"id", "z"}});
  report::draw(report::RangeMark{best.z, -kChanceOfLogits, kChanceOfLogits,
                                 std::min(-kChanceOfLogits, best.z),
                                 std::max(best.z, 2 * kChanceOfLogits), "models without this mark"},
               page);
  page.element("figcaption", cat("z = ", fixed(best.z, 1), "; the band is the range of chance."));
  page.close();
  report::Table table{
      "Null hypothesis: the model and the choice of these logits do not depend on the key. p is at "
      "most price \u00d7 exp(-z\u00b2/2). The price of each reading is fixed before anything is "
      "scored.",
      {"Statistic", "Value"},
      {}};
  const auto add = [&table](const char* name, const std::string& value, const char* note) {
    table.rows.push_back({{name, false, note}, {value, true, ""}});
  };
  const double log10_p = report::log10_of(view.found.ln_p);
  add("z", fixed(best.z, 2), "");
  add("p", report::p_bound(log10_p), "a bound");
  add("log10 p", report::log10_bound(log10_p), "");
  add("Price", fixed(best.price, 0), "");
  add("Pairs of carriers", std::to_string(best.pairs), "");
  add("Shares", std::to_string(best.shares), "");
  add("Rank of the span", std::to_string(best.rank),
      best.rank_by_gap ? "where its spectrum falls" : "");
  report::add_table(table, page);
}

void add_logits_readings(const LogitsView& view, Html& page) {
  page.element("h2", "Readings of the logits");
  report::Table table{
      "What was tried, in this order.", {"Reading", "Place", "Price", "Rank", "z"}, {}};
  for (const verify::LogitsTried& each : view.found.tried) {
    const bool is_read = each.fault.empty();
    table.rows.push_back({{each.reading, false, each.fault},
                          {std::to_string(each.place), true, ""},
                          {fixed(each.price, 0), true, ""},
                          {is_read ? std::to_string(each.rank) : "", true, ""},
                          {is_read ? fixed(each.z, 1) : "", true, ""}});
  }
  report::add_table(table, page);
}

std::string logits_command_line(const LogitsInputs& inputs) {
  std::string out = "weightmark detect";
  for (const std::string& file : inputs.files) out += cat(" --logits ", shell_word(file));
  out += cat(" --tokenizer ", shell_word(inputs.tokenizer), " --key KEY");
  if (!inputs.record.empty()) out += cat(" --record ", shell_word(inputs.record));
  if (inputs.shares) out += cat(" --shares ", *inputs.shares);
  if (inputs.rank) out += cat(" --rank ", *inputs.rank);
  if (inputs.alpha != verify::kDefaultAlpha) out += cat(" --alpha ", inputs.alpha);
  return out + " --report FILE.html";
}

void add_logits_reproduction(const LogitsView& view, Html& page) {
  begin_reproduction(logits_command_line(view.inputs), "specs/output.md and specs/verdicts.md",
                     page);
  page.close();
  add_files("Files that were read", view.files, page);
  page.open("footer").text(
      "Made by Weightmark from the logits alone. The key stays secret: whoever has it can repeat "
      "this search, and can also choose logits that seem to show the mark.");
  page.close();
}

}  // namespace

std::string logits_page(const LogitsView& view) {
  Html page;
  report::begin_page(cat("Weightmark: ", capitalised(library::words_of(view.found.level).name)),
                     page);
  add_logits_verdict(view, page);
  add_logits_statistic(view, page);
  add_logits_readings(view, page);
  add_logits_reproduction(view, page);
  return page.finish();
}

}  // namespace wmk::cli
