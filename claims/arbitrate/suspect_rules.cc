// Rules about the suspect: custody, exposure, link.
#include <algorithm>

#include "base/text.h"
#include "claims/arbitrate/rules.h"
#include "report/probability.h"
#include "sign/keys/timestamp.h"

namespace wmk::claims {

namespace {

Finding open(std::string name, std::string code, std::string text) {
  return {std::move(name), FindingVerdict::open, std::move(code), std::move(text)};
}

Finding failed(std::string name, std::string code, std::string text) {
  return {std::move(name), FindingVerdict::fail, std::move(code), std::move(text)};
}

// Why the seal does not carry what the acquisition says of it.
std::optional<Finding> seal_fault(const Acquisition& from, const SealFacts& seal) {
  if (!seal.findings.good()) {
    return failed("custody", "seal_bad",
                  cat("the accused party's seal: ", seal.findings.reasons.front().text));
  }
  if (from.custody != Custody::accused_signature) return std::nullopt;
  if (!seal.is_good) {
    return failed("custody", "seal_missing", "the accused party's seal was not verified");
  }
  if (seal.left_out.empty() && seal.is_accused()) return std::nullopt;
  Finding out =
      !seal.left_out.empty()
          ? open("custody", "seal_partial",
                 cat("the seal with ", seal.signer.text(), " leaves out ", escaped(seal.left_out)))
          : open("custody", "accused_unbound",
                 cat("the suspect is sealed with ", seal.signer.text(),
                     "; the accused's own are keys/accused*.pem and accused.identities"));
  out.signer = seal.signer;
  return out;
}

// Logits are evidence only if whoever holds the key could not choose them.
Finding logits_custody(const LogitsAccess& access, const SuspectFacts& suspect, Finding out) {
  if (access.answers != suspect.answers) {
    return failed("custody", "answers_differ",
                  cat("the logits have the SHA-256 ", to_hex(suspect.answers),
                      ", and the acquisition states ", to_hex(access.answers)));
  }
  const char* missing = !access.prompts_fixed_before ? "the prompts were not fixed beforehand"
                        : !access.all_columns        ? "columns are missing"
                        : !access.without_key        ? "the collector had the key"
                                                     : nullptr;
  if (missing != nullptr) {
    return open("custody", "logits_chosen", cat("the logits could have been chosen: ", missing));
  }
  out.text += cat("; logits of ", escaped(access.model), " at ", escaped(access.endpoint),
                  ", collected by ", escaped(access.collector), " without the key");
  out.evidence = {to_hex(access.prompts), to_hex(access.answers)};
  return out;
}

}  // namespace

Finding custody_finding(const CaseFacts& facts) {
  if (!facts.acquisition) {
    return open("custody", "acquisition_missing",
                "no acquisition file says where the suspect came from");
  }
  const Acquisition& from = *facts.acquisition;
  Finding out{"custody", FindingVerdict::pass, std::string(to_string(from.custody)),
              cat("from ", escaped(from.source), " by ", escaped(from.acquirer), " on ",
                  sign::time_text(from.acquired), "; vouched for by ", custody_words(from.custody),
                  ": ", escaped(from.voucher))};
  if (from.logits.has_value() != facts.suspect.root.empty()) {
    return failed("custody", "suspect_kind",
                  "the acquisition is about logits, or about files, and the suspect is the other");
  }
  if (!from.logits && from.root != facts.suspect.root) {
    return failed("custody", "suspect_differs",
                  cat("the suspect's files have the root ", to_hex(facts.suspect.root),
                      ", and the acquisition states ", to_hex(from.root)));
  }
  if (auto bad = seal_fault(from, facts.suspect.seal)) return *std::move(bad);
  if (from.custody == Custody::claimant) {
    return open("custody", "claimant_only",
                "only the claimant vouches for the suspect, and could have marked it");
  }
  if (from.logits) return logits_custody(*from.logits, facts.suspect, std::move(out));
  out.evidence = {to_hex(facts.suspect.root)};
  if (facts.suspect.seal.is_good) {
    out.signer = facts.suspect.seal.signer;
    out.text += cat("; sealed with ", out.signer->text());
    out.evidence.push_back(out.signer->fingerprint);
  }
  return out;
}

Finding exposure_finding(const CaseFacts& facts) {
  const std::vector<TimeSource>& times = facts.claimant.disclosed.times;
  if (!seen_by(times)) {
    return open("exposure", "disclosure_undated",
                cat("the disclosure was not seen by ", kTimesRequired,
                    " independent sources, so the share may have been open before the suspect was "
                    "acquired"));
  }
  if (!facts.acquisition) {
    return open("exposure", "acquisition_missing", "it is not known when the suspect was acquired");
  }
  // The earliest counts: from then on somebody could have read the share.
  std::vector<TimeSource> all = times;
  for (const StatementFacts& each : facts.claimant.disclosed_too) {
    all.insert(all.end(), each.times.begin(), each.times.end());
  }
  const int64_t disclosed = *seen_by(all, 1);
  const std::string when =
      cat("the suspect was acquired on ", sign::time_text(facts.acquisition->acquired),
          ", and the share was disclosed by ", sign::time_text(disclosed));
  if (facts.acquisition->acquired >= disclosed) {
    return failed("exposure", "suspect_after_disclosure",
                  cat(when, ": whoever read the disclosure could have planted the share"));
  }
  return {"exposure", FindingVerdict::pass, "suspect_before_disclosure",
          cat(when, ", if nobody was given it before")};
}

Finding link_finding(const CaseFacts& facts) {
  if (!facts.link) return open("link", "not_read", "no model was read");
  const LinkFacts& link = *facts.link;
  const std::string what =
      cat("z = ", fixed(link.z, 2), ", ", report::p_statement(report::log10_of(link.ln_p)),
          " (price ", fixed(link.price, 0), "), frame from ", link.frame);
  const std::string if_text = cat(what, "; holds if ", link.claim.text());
  if (link.is_release_frame && facts.is_committed_release != true) {
    return failed("link", "release_not_committed",
                  cat(what, "; the frame is not that of the committed release"));
  }
  switch (link.level) {
    case report::Level::conclusive:
      return {"link", FindingVerdict::pass, "mark_conclusive", if_text};
    case report::Level::detected:
      return {"link", FindingVerdict::pass, "mark_detected", if_text};
    case report::Level::not_found:
      return failed("link", "mark_not_found", cat(what, "; half of a mark would have shown"));
    default:
      return open("link", "mark_undecided",
                  link.doubt.empty() ? what : cat(what, "; ", link.doubt));
  }
}

}  // namespace wmk::claims
