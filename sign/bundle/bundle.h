// The bundle: one JSON file with the signed envelope and the material to verify its signature
// (specs/signing.md 1).
//
// Purpose: the strict parser of `.sig` files, and their writer. A parsed bundle is still untrusted:
// key hint, certificates and times are verified elsewhere.
// Lifetime and thread-safety: plain values; pure functions.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "base/result.h"
#include "sign/bundle/log_entry.h"
#include "sign/reason.h"

namespace wmk::sign {

inline constexpr uint64_t kBundleBytesMax = 64ull << 20;
inline constexpr std::string_view kMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
inline constexpr std::string_view kPayloadType = "application/vnd.in-toto+json";

struct Bundle {
  // keyless: one certificate by Sigstore, short-lived, with an entry in a transparency log.
  enum class Material { public_key, certificates, keyless };

  Material material = Material::public_key;
  std::string hint;                 // of the public key; may be empty
  std::string key_pem;              // bundles before 1.1 contain the key itself
  std::vector<Bytes> certificates;  // DER, leaf first
  std::vector<Bytes> timestamps;    // DER, RFC 3161 responses
  std::vector<LogEntry> entries;    // if they were asked for
  std::string payload;              // the statement's bytes
  bool plain = false;               // no statement: the signature is over an artifact
  Bytes artifact_digest;            // SHA-256 that a plain bundle states; not signed
  Bytes signature;
};

// Limits for the JSON of bundles and statements.
json::Limits document_limits();

struct BundleUse {
  bool log_entries = false;  // read them; otherwise a note says that they are not checked
  // All bundles of Sigstore, from version 0.1: also plain ones, and chains instead of certificates.
  bool artifact = false;
};

// Errors: not JSON, or too large. JSON that is not a bundle gives nullopt, with the reasons.
Result<std::optional<Bundle>> parse_bundle(std::string text, Findings& findings,
                                           const BundleUse& use = {});
// Deterministic; ends in a newline.
std::string bundle_text(const Bundle& bundle);
// Adds an RFC 3161 response to the bundle's JSON; everything else stays as it is.
Result<std::string> with_timestamp(std::string bundle, ByteView response);

}  // namespace wmk::sign
