// Sections 1 to 4 of a report: the case, the items, the propositions, the method.
#include "base/text.h"
#include "cli/arbitrate/page_sections.h"
#include "cli/claims/commitment_text.h"
#include "cli/page_parts.h"
#include "report/page.h"
#include "sign/keys/timestamp.h"

namespace wmk::cli {

namespace {

using report::Html;

// To be filled in by hand.
constexpr const char* kBlank = "______________________________";

std::string suspect_words(const ArbitrateOptions& options) {
  if (!options.suspect.empty()) return options.suspect;
  std::string out;
  for (const std::string& each : options.logits) out += cat(out.empty() ? "" : ", ", each);
  return out;
}

void add_party(const char* role, const claims::Party& party, Html& page) {
  page.open("div", {{"class", "card"}}).element("p", role, {{"class", "eyebrow"}});
  page.open("h3").name(party.folder).close().open("dl");
  if (party.signer != nullptr) add_fact("Signer", party.signed_by().text(), page);
  if (party.commitment) add_fact("Mark key", party.commitment->key, page);
  add_fact("Commitment", party.committed.digest, page);
  add_fact("Disclosure", party.disclosed.digest, page);
  add_fact("Release statement", party.released.digest, page);
  if (party.release) add_fact("Root of the release", to_hex(party.release->root), page);
  page.close().close();
}

void add_acquisition(const claims::Acquisition& from, Html& page) {
  page.open("dl");
  add_fact("Source", from.source, page);
  add_fact("Acquired by", from.acquirer, page);
  add_fact("Acquired on", sign::time_text(from.acquired), page);
  add_fact("Published on",
           from.published ? sign::time_text(*from.published) : std::string("not known"), page);
  add_fact("Vouched for by", cat(custody_words(from.custody), ": ", from.voucher), page);
  if (from.logits) {
    add_fact("Endpoint", from.logits->endpoint, page);
    add_fact("Model, as told by the service", from.logits->model, page);
    add_fact("Prompts, SHA-256", to_hex(from.logits->prompts), page);
    add_fact("Answers, SHA-256", to_hex(from.logits->answers), page);
    add_fact("Asked by", from.logits->collector, page);
  }
  page.close();
}

}  // namespace

void add_case(const CaseAnswer& answer, Html& page) {
  const claims::Party& claimant = answer.all.claimant;
  page.element("h2", "The case and the question");
  page.open("dl");
  add_fact("Case", claimant.disclosure ? claimant.disclosure->case_id : std::string(kBlank), page);
  add_fact("Disclosed to", claimant.disclosure ? claimant.disclosure->recipient : kBlank, page);
  add_fact("Instructed by", kBlank, page);
  add_fact("Examiner", kBlank, page);
  add_fact("Program", cat("weightmark ", WMK_VERSION), page);
  add_fact("SHA-256 of the program", answer.program, page);
  page.close();
  page.element("p",
               "The question: does the suspect carry a mark that the claimant had committed to "
               "before the suspect was published?");
  page.open("pre").element("code", arbitrate_command_line(answer.options)).close();
}

void add_items(const CaseAnswer& answer, Html& page) {
  page.element("h2", "What was examined");
  page.open("div", {{"class", "pair"}});
  add_party("The claimant's folder", answer.all.claimant, page);
  if (answer.all.opponent) add_party("The opponent's folder", *answer.all.opponent, page);
  page.open("div", {{"class", "card"}}).element("p", "The suspect", {{"class", "eyebrow"}});
  page.open("h3").name(suspect_words(answer.options)).close().open("dl");
  if (!answer.all.facts->suspect.root.empty()) {
    add_fact("Root of its files", to_hex(answer.all.facts->suspect.root), page);
  }
  page.close().close().close();
  if (answer.all.facts->acquisition) {
    add_acquisition(*answer.all.facts->acquisition, page);
  } else {
    page.element("p", "No acquisition file says where the suspect came from.");
  }
  if (!answer.all.files.empty()) add_files("Files of the suspect", answer.all.files, page);
}

void add_propositions(const CaseAnswer&, Html& page) {
  page.element("h2", "The two propositions");
  page.element("p",
               "A: the suspect was derived from a model that carries the committed mark. B: the "
               "suspect was made without knowledge of the committed key and of anything marked "
               "with it.");
  page.element("p",
               "The findings are about how probable they are if B is true. Nothing here is the "
               "probability of A or of B.");
}

void add_method(const CaseAnswer& answer, Html& page) {
  page.element("h2", "The method, as fixed beforehand");
  if (!answer.all.claimant.commitment) {
    page.element("p", "There is no commitment that could be read.");
    return;
  }
  const claims::Commitment& it = *answer.all.claimant.commitment;
  page.open("dl");
  add_fact("Scheme", it.mark.scheme, page);
  add_fact("Strength", cat(it.mark.strength), page);
  add_fact("Shares", std::to_string(it.mark.shares), page);
  add_fact("Sites", sites_text(it.mark.sites), page);
  add_fact("Width", std::to_string(it.mark.width), page);
  add_fact("Weights", std::to_string(it.mark.weights), page);
  add_fact("Alpha of the commitment", cat(it.alpha), page);
  add_fact("Lambda of the e-value", cat(it.lambda), page);
  add_fact("Verdict rules, SHA-256", to_hex(it.rules), page);
  add_fact("Root of the unmarked model", to_hex(it.base), page);
  add_fact("Made by", it.program, page);
  page.close();
  page.element("p",
               "A mark is detected if p, times the number of commitments, is at most 10^-9 and at "
               "most the committed alpha. It is conclusive if p is at most 2^-128, so that even "
               "2^64 keys tried by the claimant leave 2^-64.");
}

}  // namespace wmk::cli
