// Signed certificate timestamps (RFC 6962): a log's promise to publish the signer's certificate.
//
// Purpose: an authority that issues a certificate in secret is not believed.
// Thread-safety: pure functions.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "sign/keyless/trusted_root.h"
#include "sign/reason.h"

namespace wmk::sign {

// Whether the certificate contains a valid timestamp of one of these logs. `issuer` is the
// certificate of the authority that signed it. Both are DER.
bool has_certificate_timestamp(ByteView certificate, ByteView issuer,
                               const std::vector<TrustedLog>& logs, Findings& findings);

}  // namespace wmk::sign
