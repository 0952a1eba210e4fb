// Priority: what is older, the mark or the suspect (specs/arbitration.md 3.8).
#include <algorithm>

#include "base/text.h"
#include "claims/arbitrate/rules.h"
#include "sign/keys/timestamp.h"

namespace wmk::claims {

namespace {

Finding open(std::string code, std::string text) {
  return {"priority", FindingVerdict::open, std::move(code), std::move(text)};
}

// A public ancestor that is neither younger than commitment and release nor a null control.
const Ancestor* open_ancestor(const CaseFacts& facts, int64_t since) {
  for (const Ancestor& each : *facts.acquisition->ancestors) {
    const auto is_null = [&](const ControlFacts& control) {
      return control.is_null && !each.root.empty() && control.root == each.root;
    };
    if (since < each.published) continue;
    if (facts.link && std::ranges::any_of(facts.link->controls, is_null)) continue;
    return &each;
  }
  return nullptr;
}

}  // namespace

Finding priority_finding(const CaseFacts& facts) {
  auto since = seen_by(facts.claimant.committed.times);
  if (!since) {
    return open("commitment_undated", "no time of the commitment is proven");
  }
  std::string dates = cat("committed by ", sign::time_text(*since));
  // A release that was made with sight of the suspect has a frame that fits it.
  if (facts.link && facts.link->is_release_frame) {
    const auto released = seen_by(facts.claimant.released.times);
    if (!released) {
      return open("release_undated",
                  cat("the frame is the release's, and its statement was not seen by ",
                      kTimesRequired, " independent sources"));
    }
    dates += cat(", the release stated by ", sign::time_text(*released));
    since = std::max(*since, *released);
  }
  if (!facts.acquisition) {
    return open("publication_unknown", "it is not known when the suspect was published");
  }
  const auto& published = facts.acquisition->published;
  dates += cat(", the suspect was ", published ? "published" : "acquired", " on ",
               sign::time_text(there_by(*facts.acquisition)));
  if (*since >= there_by(*facts.acquisition)) {
    return {"priority", FindingVerdict::fail, "commitment_later", dates};
  }
  if (!published) {
    return open("publication_unknown", cat(dates, "; it is not known when it was published"));
  }
  if (!facts.acquisition->ancestors) {
    return open("ancestors_unknown", cat(dates, "; its public ancestors were not examined"));
  }
  if (const Ancestor* each = open_ancestor(facts, *since)) {
    return open("ancestor_older", cat(dates, "; its ancestor ", escaped(each->name),
                                      " is older, and was not read as a null control (--control)"));
  }
  return {"priority", FindingVerdict::pass, "committed_first", dates};
}

}  // namespace wmk::claims
