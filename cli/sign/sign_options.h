// What `sign` was told, and whether it makes sense: asked before a key is opened or a byte hashed.
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
  sign::ReleaseWords words;
  bool force = false;
};

// Words that need each other, a model that is there, outputs that can be written. Warns about
// ignored paths that name nothing.
Status check_sign_options(const SignOptions& options);

}  // namespace wmk::cli
