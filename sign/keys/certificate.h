// Certificates: whose key it is, certified by an authority that the user trusts.
//
// Purpose: verifies a chain from the leaf to one of the user's anchors. The system's list of
// authorities is never used. The chain must be valid at a proven time or, without one, now.
// Lifetime: plain values. Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "sign/keys/key.h"
#include "sign/reason.h"

namespace wmk::sign {

struct TrustAnchors {
  std::vector<Bytes> certificates;  // DER
};

// All certificates in the PEM files; a file without any is an Error.
Result<std::vector<Bytes>> read_certificates(const std::vector<std::filesystem::path>& files);

struct CertificateView {
  std::string subject, issuer;     // RFC 2253
  std::vector<std::string> names;  // subject alternative names: "email:a@b", "dns:...", "uri:..."
  int64_t not_before = 0, not_after = 0;  // Unix seconds
  std::string fingerprint;                // SHA-256 of the DER, hexadecimal
};

// What the signer's certificate must contain; empty members match any certificate.
struct ExpectedSubject {
  std::string subject;  // in the form of CertificateView
  std::string name;     // one of the alternative names, with or without "email:" etc.
  bool code_signing = false;
};

// The chain for a bundle: the leaf, then the other certificates except self-signed ones.
std::vector<Bytes> without_roots(std::vector<Bytes> chain);

// A certificate that cannot be read is an Error.
Result<CertificateView> view_certificate(ByteView der);
Result<PublicKey> certified_key(ByteView der, std::string_view name);

struct ChainRequest {
  const std::vector<Bytes>& chain;  // leaf first, the others in any order
  const TrustAnchors& anchors;
  const ExpectedSubject& expected;
  std::vector<int64_t> times;  // the chain must be valid at one of these; empty: now
};

// The leaf's key if the chain is valid, otherwise nullopt, with the reasons.
std::optional<PublicKey> trusted_key(const ChainRequest& request, Findings& findings);

}  // namespace wmk::sign
