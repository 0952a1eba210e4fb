// The accused party's seal over the suspect: who made it, and whether that is the accused
// (specs/arbitration.md 3.5).
//
// Lifetime: a request refers to objects that its caller owns. Thread-safety: one caller; starts its
// own workers.
#pragma once

#include "claims/arbitrate/case_facts.h"
#include "claims/arbitrate/trust_folder.h"
#include "sign/manifest/statement.h"
#include "sign/verify_model.h"

namespace wmk::claims {

struct SealRequest {
  const TrustFolder& trust;
  const TrustedKey* claimant = nullptr;  // never counts; null: not known
  const sign::Statement& files;          // of the suspect, all of which the seal must cover
  sign::VerifyRequest model;             // the suspect and the seal; its keys are filled in
};
// By any key or identity that may stand for the accused, or by one that is bound to nobody. Errors:
// files that cannot be read.
Result<SealFacts> check_seal(const SealRequest& request);

}  // namespace wmk::claims
