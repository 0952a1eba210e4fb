// Does a bundle's signature hold, by whom the user believes?
//
// Thread-safety: one caller.
#pragma once

#include "sign/bundle/bundle.h"
#include "sign/verify_model.h"

namespace wmk::sign {

// Fills signer, key and times of `verdict`, and its reasons where the answer is no.
bool is_authentic(const Bundle& bundle, const VerifyRequest& request, Verdict& verdict);

}  // namespace wmk::sign
