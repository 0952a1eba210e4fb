// Keys, certificates and timestamps of a Sigstore instance made in the test.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "sign/keys/key.h"
#include "tests/unit/sign/made_certificates.h"

namespace wmk::sign::test {

KeyPointer ed25519_key();
Bytes public_der(const KeyPointer& key);
// ECDSA with SHA-256, or Ed25519.
Bytes sign_with(const KeyPointer& key, ByteView message);

struct CertificateWish {
  std::string name;
  int64_t start = 0, seconds = 0;
  // As in openssl's configuration: {"extendedKeyUsage", "codeSigning"}; OIDs "1.2.3" take DER
  // ("DER:0C:01:41").
  std::vector<std::pair<std::string, std::string>> extensions;
};
// Null `issuer`: self-signed.
MadeCertificate issue(const CertificateWish& wish, KeyPointer key, const MadeCertificate* issuer);
// The same certificate with one more extension, signed again.
void extend(MadeCertificate& certificate, const std::string& oid, ByteView content,
            const MadeCertificate& issuer);
// The content of its extension with certificate timestamps.
Bytes timestamp_list_of(const MadeCertificate& certificate);
// The part that is signed.
Bytes signed_part(const MadeCertificate& certificate);

// An RFC 3161 response about `signature`.
Bytes timestamp_by(const MadeCertificate& authority, ByteView signature, int64_t time);

}  // namespace wmk::sign::test
