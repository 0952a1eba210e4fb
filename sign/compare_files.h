// Compares a manifest with a model: files that differ, are missing, extra or not covered.
//
// Thread-safety: one caller.
#pragma once

#include "sign/manifest/model_tree.h"
#include "sign/manifest/statement.h"
#include "sign/verify_model.h"

namespace wmk::sign {

// Hashes the files that the manifest lists and compares them by name. Fills in the reasons, notes
// and coverage of `verification`.
void compare_files(const ModelTree& tree, const Statement& statement, const VerifyRequest& request,
                   Verification& verification);

}  // namespace wmk::sign
