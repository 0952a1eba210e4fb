// The disclosure: opens one share of a commitment, for one recipient and one case
// (specs/commitment.md 4).
//
// Purpose: the signed statement with the secret of a share, its salt and its path. Whoever reads it
// can find, remove and plant that share, so a share is disclosed once and is then spent.
// Lifetime: owns its secrets. Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string>

#include "claims/commit/commitment.h"
#include "claims/commit/tree.h"
#include "sign/reason.h"

namespace wmk::claims {

inline constexpr std::string_view kDisclosureType = "urn:weightmark:disclosure:v1";

struct Disclosure {
  Bytes commitment;  // its digest
  std::string case_id, recipient;
  Opening opening;  // of a share

  unsigned share() const { return static_cast<unsigned>(opening.leaf); }
};

// The text holds the secret.
std::string disclosure_text(const Disclosure& disclosure);
// If the payload is not a disclosure: nullopt, with the reason (disclosure_malformed).
std::optional<Disclosure> parse_disclosure(const std::string& payload, sign::Findings& findings);

// Whether it opens a share of this commitment: the digest, the number of shares, salt, secret and
// path. The reasons are added to `findings`.
bool opens(const Disclosure& disclosure, const Commitment& commitment, ByteView digest,
           sign::Findings& findings);

}  // namespace wmk::claims
