// RFC 3161 timestamps: that a signature existed at a time, by an authority that the user named.
//
// Purpose: the query for an authority, and the check of its answer: imprint over the raw signature,
// signer with critical use "time stamping", chain to the user's anchors at the time told. The time
// of an answer that was not checked so is a claim and is used for nothing.
// Lifetime: plain values. Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "sign/keys/certificate.h"

namespace wmk::sign {

// DER of a query for the SHA-256 of `signature`, with a nonce, asking for certificates.
Result<Bytes> timestamp_query(ByteView signature);

struct ProvenTime {
  int64_t seconds = 0;    // Unix
  std::string authority;  // subject of its certificate, RFC 2253
  std::string key;        // SHA-256 of its public key: authorities are counted by it
};

// An Error (crypto) says why the answer proves nothing.
Result<ProvenTime> proven_time(ByteView response, ByteView signature,
                               const TrustAnchors& authorities);
// What it says, checked by nobody; nullopt: it cannot be read, or is no granted answer.
std::optional<int64_t> claimed_time(ByteView response);
// It is a granted answer about this signature; an Error says why not.
Status checked_response(ByteView response, ByteView signature);

// "2026-11-22T11:36:00Z".
std::string time_text(int64_t seconds);

}  // namespace wmk::sign
