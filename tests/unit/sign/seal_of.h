// Signing the folder of a SignedModel.
#pragma once

#include "sign/seal.h"
#include "tests/unit/sign/sign_kit.h"

namespace wmk::sign::test {

// Signs a SignedModel's folder as it is.
inline Result<Seal> seal_of(const SignedModel& model,
                            std::vector<std::filesystem::path> ignored = {},
                            std::string_view signature = "simple.sig") {
  const PrivateKey key = private_key();
  SealRequest request;
  request.model = model.request.model;
  request.signature = model.scratch / signature;
  request.ignore_paths = std::move(ignored);
  request.key = &key;
  return seal_model(request);
}

inline std::string bundle_of(const SignedModel& model,
                             std::vector<std::filesystem::path> ignored = {}) {
  auto seal = seal_of(model, std::move(ignored));
  REQUIRE(seal);
  return seal->bundle;
}

}  // namespace wmk::sign::test
