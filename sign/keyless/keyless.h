// Sigstore bundles without a long-lived key, verified offline against a trusted root.
//
// Purpose: in this order, and nothing is used before it is verified: when the signature existed;
// whether the certificate was valid then, came from a trusted authority and was published; the
// signature; whether a trusted log has exactly this signature; whose it is.
// Lifetime: a request refers to objects that its caller owns. Thread-safety: one caller.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sign/bundle/bundle.h"
#include "sign/keyless/entry_body.h"
#include "sign/keyless/identity.h"
#include "sign/keyless/trusted_root.h"
#include "sign/keys/certificate.h"
#include "sign/keys/timestamp.h"
#include "sign/reason.h"

namespace wmk::sign {

struct KeylessRequest {
  const Bundle& bundle;
  const SignedContent& content;
  const TrustedRoot& root;
  const ExpectedIdentity& identity;  // of the certificate
  const PublicKey* key = nullptr;    // not null: this key signed, without a certificate
  unsigned times_required = 1;       // by different operators; ignored with a key
  unsigned logs_required = 1;        // by different operators
};

// A trusted log's entry for the signature.
struct LoggedEntry {
  std::string log;  // name in the trusted root
  uint64_t index = 0;
};

struct KeylessAnswer {
  std::optional<CertificateView> signer;
  std::string issuer;  // the identity's provider
  std::string key_hint;
  std::vector<ProvenTime> proven;  // earliest first
  std::vector<int64_t> claimed;
  std::vector<LoggedEntry> entries;
};

bool verify_keyless(const KeylessRequest& request, KeylessAnswer& answer, Findings& findings);

}  // namespace wmk::sign
