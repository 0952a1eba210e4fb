// Checks commitments and disclosures: signature, signer, tree, opening (specs/commitment.md 3, 5).
//
// Purpose: a bad statement is an answer with all its reasons; an Error means that no answer is
// possible: a file that is not JSON, or has no bundle of the wanted kind.
// Lifetime: results own their parts. Thread-safety: one caller.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "claims/commit/commitment.h"
#include "claims/commit/disclosure.h"
#include "sign/verify_model.h"

namespace wmk::claims {

// Who may have signed, and which timestamps are trusted: the members of a VerifyRequest that name
// keys, anchors and authorities. Without a key and without anchors the signature is not checked,
// and a note says so.
using Trust = sign::VerifyRequest;

struct CheckedCommitment {
  sign::Verification verification;
  bool is_signature_checked = false;
  std::optional<Commitment> commitment;  // if it can be read
  Bytes digest;                          // empty without a commitment

  bool good() const { return verification.good(); }
  sign::Findings& findings() { return verification.findings; }
};
// `text`: one bundle.
Result<CheckedCommitment> check_commitment(std::string text, const Trust& trust);

struct CheckedDisclosure {
  CheckedCommitment commitment;
  sign::Verification verification;  // of the disclosure, with the reasons of both
  std::optional<Disclosure> disclosure;

  bool good() const { return verification.good(); }
};
// `text`: the file, with the bundle of one disclosure and optionally that of its commitment, one a
// line. `commitment`: the user's own copy, which then counts; empty: that in the file.
Result<CheckedDisclosure> check_disclosure(std::string_view text, const std::string& commitment,
                                           const Trust& trust);

// Each of these adds its reason and returns false if the answer is no.
// Whether `base` is the root digest that was committed.
bool is_base(const CheckedCommitment& checked, ByteView base, sign::Findings& findings);
// Whether the secrets of this master key were committed.
bool is_key(const Commitment& commitment, const crypto::SecretBytes& master,
            sign::Findings& findings);
// Whether `before` is the commitment that this one names as its previous one, of the same signer.
bool follows(const Commitment& commitment, const CheckedCommitment& before,
             sign::Findings& findings);

}  // namespace wmk::claims
