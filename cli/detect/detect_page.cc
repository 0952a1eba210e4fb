#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "cli/detect/detect_view.h"
#include "cli/page_parts.h"
#include "cli/verdict_text.h"
#include "report/chart.h"
#include "report/page.h"

namespace wmk::cli {

namespace {

using report::Html;
using report::Level;

// What z of random keys on models without their mark stays within, but for one in 15,000.
constexpr double kChance = 4;
// A page that a browser can still show; --json has all groups.
constexpr size_t kGroupsMax = 4096;

struct Words {
  const char *word, *headline, *meaning, *not_meaning, *look;
};

// By Level.
constexpr Words kWords[] = {
    {"Conclusive", "This model carries the mark of the key",
     "The weights agree with directions that only the holder of the key can compute, so closely "
     "that chance is out of the question even for somebody who tried 2\u2076\u2074 keys.",
     "It does not tell how the marked weights came here, by whom, or when the key was made. A "
     "commitment with a timestamp from before the release does.",
     "yes"},
    {"Detected", "This model carries the mark of the key",
     "The weights agree with directions that only the holder of the key can compute, and chance "
     "does that less often than the rate that was asked for.",
     "It does not tell how the marked weights came here, by whom, or when the key was made. Nor "
     "is it as strong as a conclusive finding: a claimant who tried many keys could reach it.",
     "yes"},
    {"Undecided", "No mark is seen, but one could hide",
     "The weights do not agree with the key clearly. The model is small, or was changed so much, "
     "that even a mark that is there might not show.",
     "It speaks for neither side.", "open"},
    {"Not found", "This model does not carry the mark of the key",
     "The weights agree with the key no better than with a random one, and a mark of which half "
     "was left would have shown.",
     "It does not exclude that the model learned from the marked one's answers: distillation "
     "carries no mark over. Nor does it say anything of other keys.",
     "no"}};

const Words& words_of(Level level) { return kWords[static_cast<size_t>(level)]; }

void add_verdict(const DetectView& view, Html& page) {
  const Words& words = words_of(view.found.level);
  page.element("p", "Weightmark \u00b7 search for a mark", {{"class", "eyebrow"}});
  page.open("div", {{"class", cat("verdict ", words.look)}, {"id", "verdict"}});
  page.element("p", words.word, {{"class", "word"}}).element("h1", words.headline);
  page.element("p", words.meaning, {{"class", "lead"}}).close();
  page.open("div", {{"class", "pair"}});
  add_model("The model", view.path, view.model, page);
  page.open("div", {{"class", "card"}}).element("p", "The key", {{"class", "eyebrow"}});
  page.open("h3").name(view.fingerprint).close().open("dl");
  add_fact("Read in", cat("frame from ", frame_text(view.found.frame)), page);
  add_fact("Tags", word(view.found.tags), page);
  if (!view.record.empty()) add_fact("Record", view.record, page);
  if (!view.base.empty()) add_fact("Merged into", view.base, page);
  page.close().close().close();
  page.open("p").element("strong", "What this does not mean. ").text(words.not_meaning).close();
}

void add_statistic(const DetectView& view, Html& page) {
  const verify::Detection& found = view.found;
  page.element("h2", "The number and its chance");
  page.element("p",
               "z adds up, over all neurons that were read, how far each weight vector lies along "
               "the direction that the key names for it. A model without the mark, or another "
               "key, gives z near 0 with deviation 1.");
  page.open("figure", {{"id", "z"}});
  const double top = std::max({found.z, found.expected_z_full, 2 * kChance});
  report::draw(report::RangeMark{found.z, -kChance, kChance, std::min(-kChance, found.z), top,
                                 "models without this mark"},
               page);
  page.element(
      "figcaption",
      cat("z = ", fixed(found.z, 1), ", beside what chance gives (the band, ", fixed(-kChance, 0),
          " to ", fixed(kChance, 0), ") and, at the right end, what an untouched copy shows."));
  page.close();
  report::Table table{
      "The null hypothesis: the model was made without knowledge of the key. The bound on p, M "
      "exp(-z\u00b2/2), is a theorem whatever the model is; M counts every statistic that may "
      "have been looked at.",
      {"Statistic", "Value"},
      {}};
  const auto add = [&table](const std::string& name, const std::string& value,
                            const std::string& note) {
    table.rows.push_back({{name, false, note}, {value, true, ""}});
  };
  add("z", fixed(found.z, 2), "");
  add("p", report::p_words(log10_of(found.ln_p)), "a bound");
  add("log10 p", fixed(log10_of(found.ln_p), 1), "");
  add("Hypotheses (M)", fixed(found.hypotheses, 0), "frames, rules for tags, totals, looks");
  add("Expected z", fixed(found.expected_z, 1), "of an untouched copy, on what was read");
  add("Expected z, all weights", fixed(found.expected_z_full, 1), "");
  add("Weights read",
      cat(si(static_cast<double>(found.weights_read)), " of ",
          si(static_cast<double>(found.weights_total))),
      view.full ? "all were asked for" : "reading stops where the answer is settled");
  for (const verify::ShareZ& share : found.shares) {
    add(cat("z of share ", share.share), fixed(share.z, 2), "");
  }
  report::add_table(table, page);
}

std::string group_name(const verify::GroupZ& group) {
  const std::string expert = group.expert   ? cat(", expert ", *group.expert)
                             : group.shared ? std::string(", shared")
                                            : std::string();
  return cat("layer ", group.layer, expert);
}

void add_groups(const DetectView& view, Html& page) {
  if (!view.by_layer) return;
  page.element("h2", "Where it is");
  page.element("p",
               "z of each layer and expert by itself. These are there to look at: they are not "
               "corrected for their number, and a bar of less than 4 says nothing.");
  double top = kChance;
  for (const verify::GroupZ& group : view.found.groups) top = std::max(top, group.z);
  std::vector<report::Bar> bars;
  for (const verify::GroupZ& group : view.found.groups) {
    if (bars.size() == kGroupsMax) break;
    const std::string name = group_name(group);
    const std::string z = fixed(group.z, 1);
    bars.push_back({name, cat(name, ": z = ", z), std::max(0.0, group.z / top), z});
  }
  if (bars.size() < view.found.groups.size()) {
    page.element("p", cat("The first ", bars.size(), " of ", view.found.groups.size(), "."));
  }
  report::draw(bars, page);
}

std::string command_line(const DetectView& view) {
  std::string out = cat("weightmark detect ", shell_word(view.path), " --key KEY");
  if (!view.base.empty()) out += cat(" --base ", shell_word(view.base));
  if (!view.record.empty()) out += cat(" --record ", shell_word(view.record));
  if (view.shares) out += cat(" --shares ", *view.shares);
  if (view.share) out += cat(" --share ", *view.share);
  if (view.full) out += " --full";
  if (view.by_layer) out += " --by-layer";
  if (view.alpha != verify::kDefaultAlpha) out += cat(" --alpha ", view.alpha);
  return out + " --report FILE.html";
}

void add_reproduction(const DetectView& view, Html& page) {
  page.element("h2", "How to repeat this");
  page.element("p",
               "With the same files, the same key, the same program and this command the result is "
               "the same to the last digit, on any machine and for any number of threads. This "
               "page carries no date so that it is the same, too.");
  page.open("pre").element("code", command_line(view)).close();
  page.open("dl");
  add_fact("Program", cat("weightmark ", WMK_VERSION), page);
  add_fact("Rules", "specs/verdicts.md and specs/mark.md of the program's source", page);
  page.close();
  add_files("What was read", view.files, page);
  page.open("footer").text(
      "Made by Weightmark, which read the weights themselves. The key stays secret; whoever holds "
      "it can repeat this search, and remove the mark.");
  page.close();
}

}  // namespace

std::string detect_page(const DetectView& view) {
  Html page;
  report::begin_page(cat("Weightmark: ", words_of(view.found.level).word), page);
  add_verdict(view, page);
  add_statistic(view, page);
  add_groups(view, page);
  add_reproduction(view, page);
  return page.finish();
}

}  // namespace wmk::cli
