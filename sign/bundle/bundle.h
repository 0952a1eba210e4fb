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
#include "sign/reason.h"

namespace wmk::sign {

inline constexpr uint64_t kBundleBytesMax = 64ull << 20;
inline constexpr std::string_view kMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
inline constexpr std::string_view kPayloadType = "application/vnd.in-toto+json";

struct Bundle {
  enum class Material { public_key, certificates };

  Material material = Material::public_key;
  std::string hint;                 // of the public key; may be empty
  std::string key_pem;              // bundles before 1.1 contain the key itself
  std::vector<Bytes> certificates;  // DER, leaf first
  std::vector<Bytes> timestamps;    // DER, RFC 3161 responses
  std::string payload;              // the statement's bytes
  Bytes signature;
};

// Limits for the JSON of bundles and statements.
json::Limits document_limits();

// Errors: not JSON, or too large. JSON that is not a bundle gives nullopt, with the reasons.
Result<std::optional<Bundle>> parse_bundle(std::string text, Findings& findings);
// Deterministic; ends in a newline.
std::string bundle_text(const Bundle& bundle);
// Adds an RFC 3161 response to the bundle's JSON; everything else stays as it is.
Result<std::string> with_timestamp(std::string bundle, ByteView response);

}  // namespace wmk::sign
