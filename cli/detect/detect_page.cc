#include <algorithm>

#include "base/text.h"
#include "cli/detect/carry_options.h"
#include "cli/detect/detect_view.h"
#include "cli/detect/disclosure_options.h"
#include "cli/detect/readings_table.h"
#include "cli/detect/site_text.h"
#include "cli/page_parts.h"
#include "cli/verdict_text.h"
#include "library/words/detect_words.h"
#include "report/chart.h"
#include "report/page.h"

namespace wmk::cli {

namespace {

using report::Html;

// z of random keys on unmarked models stays within this, except for one in 15,000.
constexpr double kChance = 4;
void add_verdict(const DetectView& view, Html& page) {
  const library::VerdictWords& words = library::words_of(view.found.level);
  page.element("p", "Weightmark \u00b7 search for a mark", {{"class", "eyebrow"}});
  page.open("div", {{"class", cat("verdict ", words.colour)}, {"id", "verdict"}});
  page.element("p", capitalised(words.name), {{"class", "word"}});
  page.element("h1", capitalised(library::finding(view.found, "the key")));
  page.element("p", words.meaning, {{"class", "lead"}});
  page.element("p", cat("This holds if ", view.found.claim.text(), "."), {{"id", "conditions"}});
  if (view.found.doubt) {
    page.element("p", cat("Reason: ", view.found.doubt->text, "."), {{"id", "reason"}});
  }
  for (const std::string& text : all_notes(view)) {
    page.element("p", cat("Note: ", text, "."));
  }
  page.close();
  page.open("div", {{"class", "pair"}});
  add_model("The model", view.path, view.model, page);
  page.open("div", {{"class", "card"}}).element("p", "The key", {{"class", "eyebrow"}});
  page.open("h3").name(owner_of(view)).close().open("dl");
  add_fact("Frame from", library::frame_words(view.found), page);
  if (view.found.carried) add_fact("Neurons", carried_text(*view.found.carried), page);
  if (view.found.carried_tokens) add_fact("Tokens", carried_text(*view.found.carried_tokens), page);
  add_fact("Tags", to_string(view.found.tags), page);
  if (view.disclosure != nullptr) {
    add_fact("Disclosure", disclosure_words(*view.disclosure), page);
  }
  if (!view.record.empty()) add_fact("Record", view.record, page);
  if (!view.base.empty()) add_fact("Base of the adapter", view.base, page);
  page.close().close().close();
  page.open("p").element("strong", "What this does not show. ").text(words.not_meaning).close();
}

// Where the expected z is from.
const char* expected_note(const verify::Detection& found) {
  return found.is_bound ? "of an untouched copy, on the weights that were read"
                        : "of an untouched copy, on the weights that were read, scaled from what "
                          "was read back from the release";
}

void add_statistic(const DetectView& view, Html& page) {
  const verify::Detection& found = view.found;
  page.element("h2", "The statistic and its p-value");
  page.element("p",
               "z sums, over all neurons that were read, how far each weight vector points in the "
               "secret direction that the key assigns to it. For a model without the mark, or for "
               "another key, z is near 0 with standard deviation 1.");
  page.open("figure", {{"id", "z"}});
  const double top = std::max({found.z, found.expected_z_full, 2 * kChance});
  report::draw(report::RangeMark{found.z, -kChance, kChance, std::min(-kChance, found.z), top,
                                 "models without this mark"},
               page);
  page.element("figcaption", cat("z = ", fixed(found.z, 1), ". The band (", fixed(-kChance, 0),
                                 " to ", fixed(kChance, 0),
                                 ") is the range of chance; an untouched copy is expected to show ",
                                 fixed(found.expected_z_full, 1), "."));
  page.close();
  report::Table table{
      "Null hypothesis: the model was made without knowledge of the key. p is at most price "
      "\u00d7 exp(-z\u00b2/2), for every model that meets the conditions above. The price of each "
      "hypothesis is fixed before anything is scored.",
      {"Statistic", "Value"},
      {}};
  const auto add = [&table](const std::string& name, const std::string& value,
                            const std::string& note) {
    table.rows.push_back({{name, false, note}, {value, true, ""}});
  };
  add("z", fixed(found.z, 2), "");
  add("p", report::p_bound(report::log10_of(found.ln_p)), "a bound");
  add("log10 p", report::log10_bound(report::log10_of(found.ln_p)), "");
  add("Price", fixed(found.price, 0),
      cat("hypothesis at place ", found.place, ", ", found.tried.size(), " tried"));
  const char* bound = found.is_bound ? "at most " : "";
  add("Expected z", cat(bound, fixed(found.expected_z, 1)), expected_note(found));
  add("Expected z, all weights", cat(bound, fixed(found.expected_z_full, 1)), "");
  add("Length of the sketch", fixed(found.length, 2), "1 in a model without repeated neurons");
  add("Weights read",
      cat(si(static_cast<double>(found.weights_read)), " of ",
          si(static_cast<double>(found.weights_total))),
      view.full ? "all were requested" : "reading stops as soon as the answer is conclusive");
  add_site_rows(found, table);
  for (const verify::ShareZ& share : found.shares) {
    add(cat("z of share ", share.share), fixed(share.z, 2), "");
  }
  for (size_t i = 0; i < found.controls.size(); ++i) {
    add(cat("z of control ", view.controls[i]), fixed(found.controls[i].z, 2),
        found.controls[i].is_null ? "shows no mark" : "shows a mark, so the frame shows nothing");
  }
  report::add_table(table, page);
}

void add_groups(const DetectView& view, Html& page) {
  if (!view.by_layer) return;
  page.element("h2", "Where the mark is");
  page.element("p",
               "z of each layer and expert separately, for information only: these values are not "
               "corrected for their number, and a value below 4 is not significant.");
  add_group_bars(view.found.groups, page);
}

std::string command_line(const DetectView& view) {
  std::string out = cat("weightmark detect ", shell_word(view.path));
  out += view.disclosure != nullptr ? cat(" --disclosure ", shell_word(view.disclosure_file))
                                    : std::string(" --key KEY");
  if (!view.passphrase_file.empty()) {
    out += cat(" --passphrase-file ", shell_word(view.passphrase_file));
  }
  if (!view.base.empty()) out += cat(" --base ", shell_word(view.base));
  if (!view.record.empty()) out += cat(" --record ", shell_word(view.record));
  if (!view.naming.empty()) out += cat(" --naming ", shell_word(view.naming));
  for (const std::string& control : view.controls) out += cat(" --control ", shell_word(control));
  if (view.shares) out += cat(" --shares ", *view.shares);
  if (view.share) out += cat(" --share ", *view.share);
  if (view.readings != "usual") out += cat(" --readings ", view.readings);
  if (!view.sites.empty()) out += cat(" --sites ", view.sites);
  if (view.full) out += " --full";
  if (view.by_layer) out += " --by-layer";
  if (view.alpha != verify::kDefaultAlpha && view.disclosure == nullptr)
    out += cat(" --alpha ", view.alpha);
  return out + " --report FILE.html";
}

void add_digests(const InputDigests& digests, Html& page) {
  const std::pair<const char*, const std::string*> all[] = {
      {"SHA-256 of the program", &digests.program},
      {"SHA-256 of the tokenizer", &digests.tokenizer},
      {"SHA-256 of the token embedding", &digests.embedding},
      {"SHA-256 of the record", &digests.record},
      {"SHA-256 of the naming file", &digests.naming},
      {"SHA-256 of the adapter's configuration", &digests.adapter_config}};
  for (const auto& [name, digest] : all) {
    if (!digest->empty()) add_fact(name, *digest, page);
  }
}

void add_reproduction(const DetectView& view, Html& page) {
  begin_reproduction(command_line(view), "specs/verdicts.md and specs/mark.md", page);
  add_digests(view.digests, page);
  page.close();
  add_files("Files that were read", view.files, page);
  page.open("footer").text(
      "Made by Weightmark from the weights themselves. The key stays secret: whoever has it can "
      "repeat this search, and can also remove the mark.");
  page.close();
}

}  // namespace

std::string detect_page(const DetectView& view) {
  Html page;
  report::begin_page(cat("Weightmark: ", capitalised(library::words_of(view.found.level).name)),
                     page);
  add_verdict(view, page);
  add_statistic(view, page);
  add_readings(view.found, page);
  add_groups(view, page);
  add_reproduction(view, page);
  return page.finish();
}

}  // namespace wmk::cli
