// Certificates: whose key it is, by an authority that the user named.
//
// Purpose: a chain is built from the leaf to one of the anchors and to nothing else; the system's
// own list of authorities is never asked. Validity is judged at a time that was proven, or now.
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

// All certificates of the PEM files, at least one each.
Result<std::vector<Bytes>> read_certificates(const std::vector<std::filesystem::path>& files);

struct CertificateView {
  std::string subject, issuer;     // RFC 2253
  std::vector<std::string> names;  // subject alternative names: "email:a@b", "dns:...", "uri:..."
  int64_t not_before = 0, not_after = 0;  // Unix seconds
  std::string fingerprint;                // SHA-256 of the DER, hexadecimal
};

// Who is asked for; empty: anybody whom the authority certified.
struct SubjectWanted {
  std::string subject;  // as CertificateView spells it
  std::string name;     // one of its names, with or without the kind in front
  bool code_signing = false;
};

// The chain as a bundle carries it: the leaf, then what is not signed by itself.
std::vector<Bytes> without_roots(std::vector<Bytes> chain);

// The leaf's view; a certificate that cannot be read is an Error.
Result<CertificateView> view_certificate(ByteView der);
Result<PublicKey> certified_key(ByteView der, std::string_view name);

struct ChainQuestion {
  const std::vector<Bytes>& chain;  // leaf first, the others in any order
  const TrustAnchors& anchors;
  const SubjectWanted& wanted;
  std::vector<int64_t> times;  // the chain must be valid at one of these; none: now
};

// The leaf's key where the chain holds; else nullopt, and the reasons.
std::optional<PublicKey> trusted_key(const ChainQuestion& question, Findings& findings);

}  // namespace wmk::sign
