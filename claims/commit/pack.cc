#include "claims/commit/pack.h"

#include <algorithm>

#include "base/text.h"
#include "sign/manifest/statement.h"
#include "sign/release/release_statement.h"

namespace wmk::claims {

namespace {

using sign::Code;

// Reasons of one statement, which is named in front of them.
void add_reasons(std::string_view which, const sign::Findings& from, sign::Findings& to) {
  for (const sign::Reason& reason : from.reasons) {
    to.no(reason.code, cat(which, ": ", reason.text));
  }
}

std::vector<CheckedCommitment> commitments_of(const std::vector<ClaimLine>& lines,
                                              const Trust& trust, sign::Findings& findings) {
  std::vector<CheckedCommitment> out;
  for (const ClaimLine& line : lines) {
    if (line.type != kCommitmentType) continue;
    auto checked = check_commitment(line.text, trust);
    if (!checked) continue;  // the line was parsed before
    add_reasons("a commitment", checked->findings(), findings);
    if (checked->commitment) out.push_back(*std::move(checked));
  }
  if (out.empty() && findings.good()) {
    findings.no(Code::commitment_malformed, "there is no commitment");
  }
  return out;
}

void check_disclosures(const std::vector<ClaimLine>& lines,
                       const std::vector<CheckedCommitment>& commitments, const Trust& trust,
                       sign::Findings& findings) {
  for (const ClaimLine& line : lines) {
    if (line.type != kDisclosureType) continue;
    sign::Findings own;
    auto disclosure = parse_disclosure(line.bundle.payload, own);
    if (!disclosure) {
      add_reasons("a disclosure", own, findings);
      continue;
    }
    const auto named = std::ranges::find(
        lines, to_hex(disclosure->commitment),
        [](const ClaimLine& each) { return to_hex(commitment_digest(each.bundle.payload)); });
    if (named == lines.end() || commitments.empty()) {
      findings.no(Code::disclosure_commitment, "a disclosure opens a commitment that is not here");
      continue;
    }
    auto checked = check_disclosure(line.text, named->text, trust);
    if (checked) add_reasons("a disclosure", checked->verification.findings, findings);
  }
}

bool has_seal(const std::vector<ClaimLine>& lines, const sign::ReleaseStatement& release) {
  return std::ranges::any_of(lines, [&](const ClaimLine& line) {
    if (line.type != sign::kPredicateType) return false;
    sign::Findings ignored;
    const auto seal = sign::parse_statement(line.bundle.payload, false, ignored);
    return seal && seal->root == release.root &&
           sign::strict_digest(seal->resources) == release.manifest;
  });
}

void check_releases(const std::vector<ClaimLine>& lines,
                    const std::vector<CheckedCommitment>& commitments, sign::Findings& findings) {
  for (const ClaimLine& line : lines) {
    if (line.type != sign::kReleaseType) continue;
    sign::Findings own;
    const auto release = sign::parse_release(line.bundle.payload, own);
    add_reasons("a release statement", own, findings);
    if (!release) continue;
    const bool is_named = std::ranges::any_of(commitments, [&](const CheckedCommitment& each) {
      return release->commitment == to_hex(each.digest) &&
             (!release->mark || release->mark->base == each.commitment->base);
    });
    if (!is_named) {
      findings.no(Code::commitment_release, "a release statement names no commitment that is here");
    }
    if (!has_seal(lines, *release)) {
      findings.no(Code::own_statement, "a release statement belongs to no seal that is here");
    }
  }
}

}  // namespace

std::optional<std::vector<size_t>> chain_order(const std::vector<CheckedCommitment>& commitments,
                                               sign::Findings& findings) {
  const auto refuse = [&](std::string_view why) {
    findings.no(Code::commitment_previous, std::string(why));
    return std::nullopt;
  };
  std::vector<size_t> out;
  std::optional<Bytes> previous;
  while (out.size() < commitments.size()) {
    std::optional<size_t> next;
    for (size_t i = 0; i < commitments.size(); ++i) {
      if (commitments[i].commitment->previous != previous) continue;
      if (next) return refuse("two commitments follow the same one");
      next = i;
    }
    if (!next) return refuse("a commitment follows one that is not here");
    out.push_back(*next);
    previous = commitments[*next].digest;
  }
  return out;
}

void check_together(const std::vector<ClaimLine>& lines, const Trust& trust,
                    sign::Findings& findings) {
  for (const ClaimLine& line : lines) {
    if (line.type == kCommitmentType || line.type == kDisclosureType ||
        line.type == sign::kReleaseType || line.type == sign::kPredicateType) {
      continue;
    }
    findings.no(Code::predicate_type, cat("a statement of the type '", escaped(line.type), "'"));
  }
  const auto commitments = commitments_of(lines, trust, findings);
  const auto is_other = [&](const CheckedCommitment& each) {
    return each.commitment->signer != commitments.front().commitment->signer;
  };
  if (std::ranges::any_of(commitments, is_other)) {
    findings.no(Code::commitment_signer, "the commitments are of several signers");
  } else {
    (void)chain_order(commitments, findings);
  }
  check_disclosures(lines, commitments, trust, findings);
  check_releases(lines, commitments, findings);
}

}  // namespace wmk::claims
