// The signer's short-lived certificate: its chain to a trusted root, its use, its publication.
//
// Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "sign/keyless/trusted_root.h"
#include "sign/keys/key.h"
#include "sign/reason.h"

namespace wmk::sign {

// The key of the first certificate if its chain was valid at each of `times` (not empty), against a
// trusted authority that was valid then, and a trusted log has promised to publish it. The chain's
// other certificates are not used; a self-signed one is refused.
std::optional<PublicKey> keyless_key(const std::vector<Bytes>& chain, const TrustedRoot& root,
                                     const std::vector<int64_t>& times, Findings& findings);

}  // namespace wmk::sign
