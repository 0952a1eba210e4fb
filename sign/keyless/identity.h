// Who a keyless certificate is about: the identity, and the provider that vouched for it.
//
// Thread-safety: pure functions.
#pragma once

#include <string>

#include "base/bytes.h"
#include "sign/keys/certificate.h"
#include "sign/reason.h"

namespace wmk::sign {

struct ExpectedIdentity {
  std::string name;    // an alternative name of the certificate, without "email:" and the like
  std::string issuer;  // URL of the OpenID Connect provider
};

// From the extension 1.3.6.1.4.1.57264.1.8; empty if there is none.
std::string identity_issuer(ByteView certificate);
bool is_identity(const CertificateView& view, std::string_view issuer,
                 const ExpectedIdentity& expected, Findings& findings);

}  // namespace wmk::sign
