#include "library/facade/sentences.h"

#include "library/words/detect_words.h"
#include "library/words/site_words.h"
#include "report/probability.h"

namespace wmk::library {

namespace {

weightmark::Verdict verdict_of(report::Level level) {
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

weightmark::Detection public_detection(const verify::Detection& found, const std::string& key) {
  weightmark::Detection out;
  out.verdict = verdict_of(found.level);
  out.key = key;
  out.finding = finding(found, key);
  out.claim = found.claim.word();
  for (const verify::Condition each : found.claim.conditions) {
    out.conditions.emplace_back(meaning(each));
  }
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

}  // namespace wmk::library
