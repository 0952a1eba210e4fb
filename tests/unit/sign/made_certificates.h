// Certificates made in the test: any key, issuer and digest.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "sign/keys/key.h"

struct x509_st;

namespace wmk::sign::test {

struct FreeCertificate {
  void operator()(x509_st* certificate) const;
};

// A certificate with its secret key.
struct MadeCertificate {
  std::string name;  // its common name
  KeyPointer key;
  std::unique_ptr<x509_st, FreeCertificate> certificate;

  Bytes der() const;
};

KeyPointer rsa_key(unsigned bits);
KeyPointer p256_key();

enum class Use { authority, code_signing };
enum class SignedWith { sha1, sha256 };
// Valid from yesterday for ten days. A null `issuer`: self-signed.
MadeCertificate make_certificate(const std::string& name, KeyPointer key,
                                 const MadeCertificate* issuer, Use use,
                                 SignedWith with = SignedWith::sha256);

}  // namespace wmk::sign::test
