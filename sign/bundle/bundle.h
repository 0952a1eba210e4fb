// The bundle: one JSON file with an envelope and what its signature is checked with
// (specs/signing.md 1).
//
// Purpose: the strict door for `.sig` files, and their writer. Nothing in a bundle is believed
// until its signature holds: media type, key hint and times are read here and judged elsewhere.
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
  std::string hint;                 // of the public key; empty where there is none
  std::string key_pem;              // bundles before 1.1 carry the key itself
  std::vector<Bytes> certificates;  // DER, leaf first
  std::vector<Bytes> timestamps;    // DER, RFC 3161 responses
  std::string payload;              // the statement's bytes
  Bytes signature;
};

// How much we are ready to read in bundle and statement.
json::Limits document_limits();

// Not JSON, or too large: an Error. JSON that is no such bundle: nullopt, and the reasons.
Result<std::optional<Bundle>> parse_bundle(std::string text, Findings& findings);
// Deterministic; ends in a newline.
std::string bundle_text(const Bundle& bundle);
// The document with one more RFC 3161 response; everything else stays as it is.
Result<std::string> with_timestamp(std::string bundle, ByteView response);

}  // namespace wmk::sign
