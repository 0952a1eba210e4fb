// How verify answers.
//
// Lifetime: an answer refers to what its caller owns. Thread-safety: pure functions.
#pragma once

#include <string>

#include "sign/verify_model.h"

namespace wmk::cli {

struct VerifyAnswer {
  const std::string& model;
  const std::string& signature;
  bool by_key;
  bool identities;  // list the covered files by what fstat says of them
  const sign::Verdict& verdict;
  double seconds;
};

std::string as_text(const VerifyAnswer& answer);
std::string as_json(const VerifyAnswer& answer);

}  // namespace wmk::cli
