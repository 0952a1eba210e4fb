// Our own statement beside a verified OMS bundle.
//
// Thread-safety: one caller.
#pragma once

#include "sign/manifest/statement.h"
#include "sign/verify_model.h"

namespace wmk::sign {

// The statement must be signed as the bundle must be or by its own key, and speak of the same
// manifest. Fills `release`, `tensors` and reasons of `verdict`.
Status check_release(const Statement& statement, const VerifyRequest& request, Verdict& verdict);

}  // namespace wmk::sign
