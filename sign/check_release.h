// Checks the release statement that belongs to a verified OMS bundle.
//
// Thread-safety: one caller.
#pragma once

#include "sign/manifest/statement.h"
#include "sign/verify_model.h"

namespace wmk::sign {

// The release statement must be signed by the bundle's signer or by its own key, and refer to the
// same manifest. Fills in `release`, `tensors` and the reasons of `verification`.
Status check_release(const Statement& statement, const VerifyRequest& request,
                     Verification& verification);

// The statement in a file that holds one release statement and nothing else; nullopt for any other
// file. Its signature is not checked.
std::optional<ReleaseStatement> read_release_file(const std::filesystem::path& path);

}  // namespace wmk::sign
