// The answer of verify, as text and as JSON.
//
// Lifetime: an answer refers to objects that its caller owns. Thread-safety: pure functions.
#pragma once

#include <string>

#include "cli/verify/trust_options.h"
#include "sign/verify_model.h"

namespace wmk::cli {

struct VerifyAnswer {
  const std::string& model;
  const std::string& signature;
  TrustMethod method;
  bool trusted_root;  // one was named
  bool identities;    // list what fstat reports about the covered files
  const sign::Verification& verification;
  double seconds;
};

std::string as_text(const VerifyAnswer& answer);
std::string as_json(const VerifyAnswer& answer);

}  // namespace wmk::cli
