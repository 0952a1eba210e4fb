// The options of `sign`, and their checks, made before a key is opened or a file hashed.
//
// Lifetime: plain values. Thread-safety: one caller.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/sign/sign_keys.h"
#include "sign/seal.h"

namespace wmk::cli {

struct SignOptions {
  CommonOptions common;
  std::string model, signature;
  SignerOptions signer;
  std::vector<std::string> ignore_paths;
  std::string statement;
  sign::ReleaseInfo release;
  bool force = false;
};

// Checks that options are complete, the model exists and outputs can be written. Warns about
// ignored paths that do not exist.
Status check_sign_options(const SignOptions& options);

// Whether an existing file at `options.statement` may be replaced: with --force, or if it is a
// release statement of a model of this name whose bundle does not exist, as a run leaves it that is
// stopped before the bundle is in place.
bool replaces_statement(const SignOptions& options);

}  // namespace wmk::cli
