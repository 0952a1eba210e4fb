// Rules about the papers of a claim: integrity, opening, time, completeness.
#include "base/text.h"
#include "claims/arbitrate/rules.h"
#include "sign/keys/timestamp.h"

namespace wmk::claims {

namespace {

Finding from_reasons(std::string name, const sign::Findings& findings, std::string good_code,
                     std::string good_text) {
  if (findings.good()) {
    return {std::move(name), FindingVerdict::pass, std::move(good_code), std::move(good_text)};
  }
  const sign::Reason& first = findings.reasons.front();
  const size_t more = findings.reasons.size() - 1;
  return {std::move(name), FindingVerdict::fail, std::string(sign::to_string(first.code)),
          cat(first.text, more > 0 ? cat("; and ", more, " more reasons") : std::string())};
}

constexpr std::string_view kUncounted = "; every commitment counts as one of 2^64";

std::string times_text(const std::vector<TimeSource>& times) {
  std::string out;
  for (const TimeSource& each : times) {
    out += cat(out.empty() ? "" : ", ", sign::time_text(each.seconds), " by ", escaped(each.name));
  }
  return out.empty() ? std::string("nobody") : out;
}

}  // namespace

Finding integrity_finding(const Party& party) {
  Finding out = from_reasons("integrity", party.integrity, "signatures_good",
                             cat(party.lines.size(), " statements, each signed by ",
                                 party.signer ? party.signed_by().text() : std::string()));
  if (party.signer) {
    out.signer = party.signed_by();
    out.evidence.push_back(out.signer->fingerprint);
  }
  for (const StatementFacts* each : {&party.committed, &party.released, &party.disclosed}) {
    if (!each->digest.empty()) out.evidence.push_back(each->digest);
  }
  return out;
}

Finding opening_finding(const Party& party) {
  const bool is_open = party.opening.good() && party.disclosure.has_value();
  Finding out =
      from_reasons("opening", party.opening, "share_opened",
                   is_open ? cat("share ", party.share(), " opens the commitment, disclosed to ",
                                 escaped(party.disclosure->recipient), " for case ",
                                 escaped(party.disclosure->case_id))
                           : std::string());
  if (!party.disclosed.digest.empty()) out.evidence.push_back(party.disclosed.digest);
  return out;
}

Finding time_finding(const Party& party) {
  const auto committed = seen_by(party.committed.times);
  Finding out{"time", FindingVerdict::open, "times_missing",
              cat("the commitment was seen by ", times_text(party.committed.times), "; ",
                  kTimesRequired, " independent sources are needed")};
  if (committed) {
    out.verdict = FindingVerdict::pass;
    out.code = "times_agree";
    out.text = cat("the commitment existed on ", sign::time_text(*committed), ": ",
                   times_text(party.committed.times));
  }
  out.evidence.push_back(party.committed.digest);
  return out;
}

Finding inclusion_finding(const Party& party) {
  if (!party.committed.logged && party.committed.rekor) {
    const RekorEntry& at = *party.committed.rekor;
    return {"inclusion", FindingVerdict::pass, "logged_publicly",
            cat("index ", at.index, ", log ", escaped(at.log), ", which signed for ",
                sign::time_text(at.seconds))};
  }
  if (!party.committed.logged) {
    return {"inclusion", FindingVerdict::open, "not_logged",
            "no proof shows the commitment in a log of the policy or of the trusted root"};
  }
  const LoggedStatement& at = *party.committed.logged;
  return {"inclusion", FindingVerdict::pass, "logged",
          cat("index ", at.index, " of ", at.size, ", log ", escaped(at.origin))};
}

Finding completeness_finding(const CaseFacts& facts) {
  const CommitmentCount& count = facts.count;
  if (!count.commitments) {
    return {"completeness", FindingVerdict::open, count.code, cat(count.why_not, kUncounted)};
  }
  // Of many commitments that no log had, the luckiest may have been logged once the suspect was
  // there to choose it by.
  const auto& logged = facts.claimant.committed.logged;
  if (!logged || !logged->seconds) {
    return {"completeness", FindingVerdict::open, "log_undated",
            cat("no proof shows when a log had the commitment", kUncounted)};
  }
  if (facts.acquisition && *logged->seconds >= there_by(*facts.acquisition)) {
    return {"completeness", FindingVerdict::open, "logged_late",
            cat("the log had the commitment by ", sign::time_text(*logged->seconds),
                ", and the suspect was there on ", sign::time_text(there_by(*facts.acquisition)),
                kUncounted)};
  }
  return {"completeness", FindingVerdict::pass, "commitments_counted",
          cat(*count.commitments, *count.commitments == 1 ? " commitment" : " commitments",
              " of this signer at most, among ", count.entries,
              " entries, by logs with a quorum "
              "of witnesses")};
}

}  // namespace wmk::claims
