#include "library/facade/sentences.h"

#include "library/words/detect_words.h"
#include "library/words/site_words.h"
#include "library/words/trace_words.h"
#include "report/probability.h"

namespace wmk::library {

namespace {

void add_numbers(const verify::Detection& found, weightmark::Detection& out) {
  out.z = found.z;
  out.log10_p = report::log10_of(found.ln_p);
  out.price = found.price;
  out.expected_z = found.expected_z;
  out.expected_z_full = found.expected_z_full;
  out.weights_read = found.weights_read;
  out.weights_total = found.weights_total;
  out.bytes_read = found.bytes_read;
  for (const verify::ShareZ& share : found.shares) out.shares.push_back(share.z);
  for (const verify::ControlZ& control : found.controls) out.controls.push_back(control.z);
}

}  // namespace

weightmark::Verdict public_verdict(report::Level level) {
  switch (level) {
    case report::Level::conclusive:
      return weightmark::Verdict::conclusive;
    case report::Level::detected:
      return weightmark::Verdict::detected;
    case report::Level::not_found:
      return weightmark::Verdict::not_found;
    default:
      return weightmark::Verdict::undecided;
  }
}

std::vector<std::string> condition_words(const verify::Claim& claim) {
  std::vector<std::string> out;
  for (const verify::Condition each : claim.conditions) out.emplace_back(meaning(each));
  return out;
}

weightmark::Detection public_detection(const verify::Detection& found, const std::string& key) {
  weightmark::Detection out;
  out.verdict = public_verdict(found.level);
  out.key = key;
  out.finding = finding(found, key);
  out.claim = found.claim.word();
  out.conditions = condition_words(found.claim);
  if (found.doubt) {
    out.reason = found.doubt->text;
    out.next = next_step(found);
  }
  out.site = to_string(found.site);
  out.frame = frame_words(found);
  out.reading = found.reading_words;
  add_numbers(found, out);
  for (const verify::SiteZ& site : found.sites) {
    out.sites.push_back({std::string(to_string(site.site)), site.z, site.expected_z, site.weights});
  }
  for (const verify::GroupZ& group : found.groups) {
    out.groups.push_back({group_name(group), group.z, group.weights});
  }
  out.notes = remarks(found);
  return out;
}

std::vector<weightmark::LicenseeZ> public_licensees(const std::vector<verify::LicenseeZ>& best) {
  std::vector<weightmark::LicenseeZ> out;
  for (const verify::LicenseeZ& each : best) {
    out.push_back({each.id, each.z, report::log10_of(each.ln_p), public_verdict(each.level),
                   each.round, each.price, each.z_ffn, each.z_output});
  }
  return out;
}

weightmark::Trace public_trace(const verify::Trace& found, const std::string& key) {
  weightmark::Trace out;
  out.verdict = public_verdict(found.level);
  out.finding = finding(found);
  out.claim = found.claim.word();
  out.conditions = condition_words(found.claim);
  if (found.doubt) out.reason = found.doubt->text;
  out.licensees = public_licensees(found.best);
  out.named = found.named;
  out.tested = found.tested;
  out.rounds = found.rounds;
  out.price = found.price;
  out.expected_z = found.expected_z;
  out.site = to_string(found.site);
  out.pairs = found.pairs;
  out.frame = frame_text(found.frame);
  out.reading = found.reading_words;
  out.weights = found.weights;
  out.key = key;
  return out;
}

}  // namespace wmk::library
