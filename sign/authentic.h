// Whether a bundle's signature is valid and made by a signer that the user trusts.
//
// Thread-safety: one caller.
#pragma once

#include "sign/bundle/bundle.h"
#include "sign/verify_model.h"

namespace wmk::sign {

// Fills in the signer, the key and the times of `verification`, and the reasons if the answer is
// no.
bool is_authentic(const Bundle& bundle, const VerifyRequest& request, Verification& verification);

}  // namespace wmk::sign
