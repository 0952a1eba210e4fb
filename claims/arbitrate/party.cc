#include "claims/arbitrate/party.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "claims/arbitrate/party_proofs.h"
#include "claims/commit/pack.h"
#include "sign/authentic.h"
#include "sign/digest.h"

namespace wmk::claims {

namespace {

namespace fs = std::filesystem;
using sign::Code;

bool is_disclosure(const ClaimLine& line) { return line.type == kDisclosureType; }

// The commitment that the first disclosure opens; the first one if there is no disclosure.
const ClaimLine* opened_commitment(const Party& party, const ClaimLine* disclosure) {
  sign::Findings ignored;
  const auto opened =
      disclosure != nullptr ? parse_disclosure(disclosure->bundle.payload, ignored) : std::nullopt;
  for (const ClaimLine& line : party.lines) {
    if (line.type != kCommitmentType) continue;
    if (!opened || commitment_digest(line.bundle.payload) == opened->commitment) return &line;
  }
  return nullptr;
}

Trust trust_in(const Party& party) {
  Trust out;
  if (party.signer != nullptr) out.key = &party.key();
  out.key_in_certificate = true;
  return out;
}

// Every statement is signed by the signer of the commitment. `opened` is a finding of its own.
void check_signatures(const ClaimLine* opened, Party& party) {
  for (const ClaimLine& line : party.lines) {
    if (line.type == kCommitmentType || &line == opened) continue;
    sign::Verification checked;
    if (sign::is_authentic(line.bundle, trust_in(party), checked)) continue;
    for (const sign::Reason& reason : checked.findings.reasons) {
      party.integrity.no(reason.code, cat("a statement: ", reason.text));
    }
  }
}

StatementFacts facts_of(const sign::Bundle& bundle, const Party& party, const TrustFolder& trust) {
  StatementFacts out{to_hex(commitment_digest(bundle.payload)), trust.times_of(bundle), {}, {}};
  if (!trust.root) return out;
  for (RekorEntry& each : rekor_entries(bundle, party.key(), *trust.root)) {
    out.times.push_back({each.seconds, cat("log ", each.log), operator_id(each.operator_name)});
    if (!out.rekor || each.seconds < out.rekor->seconds) out.rekor = std::move(each);
  }
  return out;
}

void take_commitment(const ClaimLine& line, const TrustFolder& trust, Party& party) {
  const auto checked = check_commitment(line.text, trust_in(party));
  if (!checked || !checked->commitment) return;
  party.commitment = checked->commitment;
  party.committed = facts_of(line.bundle, party, trust);
}

void take_release(const TrustFolder& trust, Party& party) {
  for (const ClaimLine& line : party.lines) {
    if (line.type != sign::kReleaseType) continue;
    sign::Findings ignored;
    auto release = sign::parse_release(line.bundle.payload, ignored);
    if (!release || release->commitment != party.committed.digest) continue;
    party.release = std::move(release);
    party.released = facts_of(line.bundle, party, trust);
    return;
  }
}

void open_share(const ClaimLine* disclosure, const ClaimLine* commitment, const TrustFolder& trust,
                Party& party) {
  if (disclosure == nullptr) {
    party.opening.no(Code::disclosure_malformed, "the claim discloses no share");
    return;
  }
  if (commitment == nullptr) {
    party.opening.no(Code::disclosure_commitment, "the share opens a commitment that is not here");
    return;
  }
  auto checked = check_disclosure(disclosure->text, commitment->text, trust_in(party));
  if (!checked) {
    party.opening.no(Code::disclosure_malformed, checked.error().message());
    return;
  }
  party.opening = std::move(checked->verification.findings);
  party.disclosure = std::move(checked->disclosure);
  party.disclosed = facts_of(disclosure->bundle, party, trust);
}

// Of all disclosures: the secrets of the commitment, and when others of the same secret were seen.
// Whoever read one of these, of whatever commitment, had the share. `opened`: the first one.
void take_disclosures(const ClaimLine* opened, const TrustFolder& trust, Party& party) {
  if (!party.disclosure || !party.commitment) return;
  const ByteView secret = party.disclosure->opening.secret.reveal();
  const Bytes digest = party.disclosure->commitment;
  for (const ClaimLine& line : party.lines) {
    sign::Findings ignored;
    const auto each = is_disclosure(line) ? parse_disclosure(line.bundle.payload, ignored)
                                          : std::optional<Disclosure>();
    if (!each) continue;
    if (opens(*each, *party.commitment, digest, ignored)) {
      party.opened.push_back(sign::sha256(each->opening.secret.reveal()));
    }
    if (&line == opened || !std::ranges::equal(each->opening.secret.reveal(), secret)) continue;
    party.disclosed_too.push_back(facts_of(line.bundle, party, trust));
  }
}

Status read_lines(const fs::path& file, const TrustFolder& trust, Party& party) {
  const auto text = read_text(file, sign::kBundleBytesMax);
  if (!text) return text.error();
  auto lines = read_claims(*text, party.integrity, {.log_entries = trust.root.has_value()});
  if (!lines) return std::move(lines).error().within(escaped(file.string()));
  if (*lines) party.lines = **std::move(lines);
  return {};
}

void note_ignored(const fs::path& folder, Party& party) {
  std::error_code failure;
  for (fs::directory_iterator each(folder, failure);
       !failure && each != fs::directory_iterator() && party.ignored.size() < kClaimsMax;
       each.increment(failure)) {
    const std::string name = each->path().filename().string();
    if (name != "claims.jsonl" && name != "proofs") party.ignored.push_back(name);
  }
  std::ranges::sort(party.ignored);
}

bool find_signer(const sign::Bundle& commitment, const TrustFolder& trust, Role role,
                 Party& party) {
  const TrustedKey* const signer = trust.signer_of(commitment);
  if (signer == nullptr) {
    return party.integrity.no(Code::key_hint,
                              "the commitment is signed by no key of the trust folder");
  }
  if (!trust.may_be(*signer, role)) {
    return party.integrity.no(Code::key_hint, cat("the commitment is signed by ", signer->name(),
                                                  ", which is not the key of this party"));
  }
  party.signer = signer;
  return true;
}

}  // namespace

uint64_t Party::proven_size(const std::string& origin) const {
  uint64_t out = 0;
  for (const StatementFacts* each : {&committed, &disclosed, &released}) {
    if (each->logged && each->logged->origin == origin) out = std::max(out, each->logged->size);
  }
  return out;
}

Result<Party> read_party(const fs::path& folder, const TrustFolder& trust, Role role) {
  Party party;
  party.folder = folder.string();
  if (auto status = read_lines(folder / "claims.jsonl", trust, party); !status) {
    return std::move(status).error();
  }
  note_ignored(folder, party);
  const auto found = std::ranges::find_if(party.lines, is_disclosure);
  const ClaimLine* disclosure = found == party.lines.end() ? nullptr : &*found;
  const ClaimLine* commitment = opened_commitment(party, disclosure);
  if (commitment != nullptr && !find_signer(commitment->bundle, trust, role, party)) return party;
  std::vector<ClaimLine> papers = party.lines;
  std::erase_if(papers, is_disclosure);  // a finding of their own
  if (party.integrity.good()) check_together(papers, trust_in(party), party.integrity);
  if (party.signer != nullptr) check_signatures(disclosure, party);
  if (commitment != nullptr) take_commitment(*commitment, trust, party);
  if (party.commitment) take_release(trust, party);
  open_share(disclosure, commitment, trust, party);
  take_disclosures(disclosure, trust, party);
  if (auto status = attach_proofs(folder / "proofs", trust, party); !status) {
    return std::move(status).error();
  }
  return party;
}

}  // namespace wmk::claims
