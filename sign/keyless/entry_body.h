// Whether a log's entry is about the bundle's own signature.
//
// Purpose: digest, signature, and certificate or key in the entry's body must be the bundle's, or
// somebody's valid entry would vouch for another signature.
// Lifetime: a view of objects that the caller owns. Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string>

#include "sign/bundle/log_entry.h"
#include "sign/keys/key.h"
#include "sign/reason.h"

namespace wmk::sign {

// What a bundle's signature is over.
struct SignedContent {
  std::optional<std::string> message;  // the encoding of type and payload; nullopt: an artifact
  std::string payload;                 // of the message
  Bytes sha256;                        // of the artifact, without a message
};

struct BundleSignature {
  const PublicKey& key;
  ByteView certificate;  // DER; empty: a key of the user's own
  ByteView signature;
  const SignedContent& content;

  bool holds() const;
};

// Rekor v1: `hashedrekord` 0.0.1, `dsse` 0.0.1, `intoto` 0.0.2. Rekor v2: `hashedrekord` 0.0.2.
bool is_of_second_rekor(const LogEntry& entry);
bool is_about(const LogEntry& entry, const BundleSignature& signature, Findings& findings);

}  // namespace wmk::sign
