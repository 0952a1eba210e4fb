// Sections 8, 9 and 11 of a report: alternatives, time line, certification; the glossary.
#include <algorithm>

#include "base/text.h"
#include "cli/arbitrate/page_sections.h"
#include "cli/page_parts.h"
#include "report/page.h"
#include "sign/keys/timestamp.h"

namespace wmk::cli {

namespace {

using report::Html;

struct Event {
  int64_t seconds;
  std::string what, source;
};

void add_times(const std::string& what, const claims::StatementFacts& facts,
               std::vector<Event>& out) {
  for (const claims::TimeSource& each : facts.times) {
    out.push_back({each.seconds, what, each.name});
  }
}

void add_party_times(const std::string& whose, const claims::Party& party,
                     std::vector<Event>& out) {
  add_times(cat(whose, " commitment was seen"), party.committed, out);
  add_times(cat(whose, " release statement was seen"), party.released, out);
  add_times(cat(whose, " disclosure was seen"), party.disclosed, out);
}

std::vector<Event> events_of(const CaseAnswer& answer) {
  std::vector<Event> out;
  add_party_times("the claimant's", answer.all.claimant, out);
  if (answer.all.opponent) add_party_times("the opponent's", *answer.all.opponent, out);
  if (const auto& from = answer.all.facts->acquisition) {
    if (from->published)
      out.push_back({*from->published, "the suspect was published", from->source});
    out.push_back({from->acquired, "the suspect was acquired", from->acquirer});
    for (const claims::Ancestor& each : from->ancestors.value_or(std::vector<claims::Ancestor>())) {
      out.push_back(
          {each.published, cat("the ancestor ", each.name, " was published"), "acquisition file"});
    }
  }
  std::ranges::stable_sort(out, {}, &Event::seconds);
  return out;
}

void add_list(const std::vector<std::string>& items, Html& page) {
  page.open("ul", {{"class", "plain"}});
  for (const std::string& each : items) page.element("li", each);
  page.close();
}

}  // namespace

void add_alternatives(const CaseAnswer& answer, Html& page) {
  page.element("h2", "Alternatives considered, and what this does not show");
  add_list(
      {"Planting: somebody who had the key, or the disclosed share, marked a model of the "
       "accused party. Findings: custody and exposure.",
       "A key or a frame chosen with sight of the suspect, or of a public ancestor of it. "
       "Findings: time, priority and the controls.",
       "A share that the claimant read in somebody else's disclosure, and committed as its own. "
       "Findings: time and priority, and counterclaim if its owner brings that disclosure; a "
       "share names no owner, so without them this is not excluded.",
       "The luckiest of many commitments. Finding: completeness.",
       "A marked copy of the opponent's model. Finding: counterclaim.",
       "A licensed copy, or a common ancestor that was marked: the mark shows that weights "
       "were derived from marked weights, and not with what right.",
       "Who derived the suspect, when, and how, is not shown. A trace of licensees is no "
       "proof against the owner, who can compute every licensee's mark."},
      page);
  page.element("h3", "Facts against the claim");
  std::vector<std::string> against;
  for (const claims::Finding& each : answer.decision.findings) {
    if (each.verdict == claims::FindingVerdict::pass) continue;
    against.push_back(cat(each.name, " (", to_string(each.verdict), "): ", each.text));
  }
  if (against.empty()) against.emplace_back("No finding failed or stayed open.");
  add_list(against, page);
}

void add_time_line(const CaseAnswer& answer, Html& page) {
  page.element("h2", "Time line and access");
  report::Table table{"Times that third parties signed, and those of the acquisition file.",
                      {"Time", "Event", "By"},
                      {}};
  for (const Event& each : events_of(answer)) {
    table.rows.push_back({{sign::time_text(each.seconds), false, ""},
                          {each.what, false, ""},
                          {each.source, false, ""}});
  }
  report::add_table(table, page);
  const auto& from = answer.all.facts->acquisition;
  if (from && !from->access.empty()) {
    page.element("h3", "Who had access");
    add_list(from->access, page);
  }
  page.element("h3", "The opponent's material");
  page.element("p", answer.all.opponent
                        ? cat("The opponent's folder has ", answer.all.opponent->lines.size(),
                              " statements. It is examined above as the claimant's is.")
                        : std::string("The accused party brought no claim of its own. Anything "
                                      "else that it brought: ______________________________"));
}

void add_certification(const CaseAnswer&, Html& page) {
  page.element("h2", "Draft certification, unsigned");
  page.element("p",
               cat("In the manner of Rules 902(13) and 902(14) of the Federal Rules of Evidence: I "
                   "certify that the findings above were produced by weightmark ",
                   WMK_VERSION,
                   ", a program that gives the same result for the same input, run by me with the "
                   "command in section 1, and that the files named in section 2 have the digests "
                   "stated there. My qualifications: ______________________________"));
  page.element("p", "Name, date and signature: ______________________________");
  page.element("h3", "Glossary");
  page.open("dl");
  add_fact("Mark", "small changes of weights in directions that a secret key assigns", page);
  add_fact("Share", "one of up to four parts of a mark, each with a secret of its own", page);
  add_fact("Commitment", "a signed statement that fixes key and parameters before a release", page);
  add_fact("Disclosure", "a signed statement that opens one share of a commitment", page);
  add_fact("Frame", "the coordinates in which a mark is read", page);
  add_fact("z", "how strongly the mark shows, in standard deviations of chance", page);
  add_fact("Control", "a model that must not show the mark", page);
  add_fact("Witness", "somebody who countersigns the state of a log", page);
  page.close();
  page.open("footer").text(
      "Made by Weightmark. This page has no date; the same case gives the same "
      "bytes.");
  page.close();
}

}  // namespace wmk::cli
