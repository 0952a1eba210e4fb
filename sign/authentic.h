// Whether a bundle's signature is valid and made by a signer that the user trusts.
//
// Thread-safety: one caller.
#pragma once

#include "sign/bundle/bundle.h"
#include "sign/verify_model.h"

namespace wmk::sign {

// How the request's bundles are parsed.
BundleUse use_of(const VerifyRequest& request);
// Fills in the signer, the key and the times of `verification`, and the reasons if the answer is
// no. A bundle about an artifact needs `verification.artifact`.
bool is_authentic(const Bundle& bundle, const VerifyRequest& request, Verification& verification);

}  // namespace wmk::sign
