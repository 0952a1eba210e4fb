// RFC 3161 timestamps: proof by an authority that the user trusts that a signature existed at a
// time.
//
// Purpose: makes the query, and verifies the response: the imprint of the raw signature, the
// critical key usage "time stamping" and the chain to the user's anchors at the stated time. Any
// other response is a claim: it is shown, and has no effect.
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

// DER of a query for the SHA-256 of `signature`, with a nonce; it requests the certificates.
Result<Bytes> timestamp_query(ByteView signature);

struct ProvenTime {
  int64_t seconds = 0;    // Unix
  std::string authority;  // subject of its certificate, RFC 2253
  std::string key;        // SHA-256 of its public key; identifies the authority
};

// An Error (crypto) states why the response is not trusted.
Result<ProvenTime> proven_time(ByteView response, ByteView signature,
                               const TrustAnchors& authorities);
// The same under this root of them alone.
Result<ProvenTime> proven_time_under(ByteView response, ByteView signature, const Bytes& root,
                                     const TrustAnchors& authorities);
// By one authority of a trusted root: its own certificate, then its issuers; the last one is
// trusted. The token must be signed with the first one, and need not contain it.
Result<ProvenTime> proven_time_by(ByteView response, ByteView signature,
                                  const std::vector<Bytes>& authority);
// The stated time, not verified; nullopt: the response cannot be read or was not granted.
std::optional<int64_t> claimed_time(ByteView response);
// Whether it is a granted response for this signature; the authority is not verified.
Status checked_response(ByteView response, ByteView signature);

// "2026-11-22T11:36:00Z"; of a year that has no four digits, the number of seconds.
std::string time_text(int64_t seconds);

}  // namespace wmk::sign
