// A manifest beside a model: which files differ, are missing, extra or not covered.
//
// Thread-safety: one caller.
#pragma once

#include "sign/manifest/model_tree.h"
#include "sign/manifest/statement.h"
#include "sign/verify_model.h"

namespace wmk::sign {

// Hashes what the manifest names and compares name by name. Fills reasons, notes and coverage of
// `verdict`.
void compare_files(const ModelTree& tree, const Statement& statement, const VerifyRequest& request,
                   Verdict& verdict);

}  // namespace wmk::sign
