// What one party's claim folder shows (specs/arbitration.md 1, 3.1 to 3.4).
//
// Purpose: checks the papers of a claim against the arbitrator's trust folder, before any model is
// read. Nothing in the folder is a root of trust. Lifetime: owns its parts, the disclosed secret
// among them. Thread-safety: one caller.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "claims/arbitrate/finding.h"
#include "claims/arbitrate/rekor_entries.h"
#include "claims/arbitrate/trust_folder.h"
#include "claims/commit/check.h"
#include "claims/commit/claims_file.h"
#include "sign/release/release_statement.h"

namespace wmk::claims {

// A statement of the claim in a log that the policy trusts.
struct LoggedStatement {
  std::string origin;
  uint64_t index = 0, size = 0;
  std::string proof;                    // name of its file
  std::optional<int64_t> seconds = {};  // when the last of the witnesses cosigned it; none: nobody
};

// One statement: when it was seen, and where it is logged.
struct StatementFacts {
  std::string digest;  // hexadecimal SHA-256 of its payload; empty: there is none
  std::vector<TimeSource> times;
  std::optional<LoggedStatement> logged;  // in a log of the policy
  std::optional<RekorEntry> rekor = {};   // in a log of the trusted root: the earliest
};

struct Party {
  std::string folder;
  std::vector<ClaimLine> lines;
  sign::Findings integrity, opening;
  const TrustedKey* signer = nullptr;             // in the trust folder
  std::optional<Commitment> commitment;           // the one that was opened
  std::optional<Disclosure> disclosure;           // the first one
  std::optional<sign::ReleaseStatement> release;  // that names the commitment
  StatementFacts committed, disclosed, released;
  std::vector<StatementFacts> disclosed_too;  // other disclosures of the same secret
  // SHA-256 of each secret that a disclosure here opens in the commitment.
  std::vector<Bytes> opened;
  std::vector<std::string> ignored;   // files that no claim has
  std::vector<std::string> unproven;  // proofs that prove none of the statements

  bool good() const { return integrity.good() && opening.good(); }
  unsigned share() const { return disclosure->share(); }
  const sign::PublicKey& key() const { return signer->key; }
  // The most entries of this log that a proof of a statement is to.
  uint64_t proven_size(const std::string& origin) const;
  KnownSigner signed_by() const { return {signer->name(), signer->key.hint(), signer->role}; }
};

// `role`: whom the signer's key must stand for. Errors: files that are not JSON, or no proofs; a
// folder without claims.jsonl.
Result<Party> read_party(const std::filesystem::path& folder, const TrustFolder& trust,
                         Role role = Role::claimant);

}  // namespace wmk::claims
