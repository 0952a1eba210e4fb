// What the fuzz targets of `sign` share: a small model, keys, and calls of verify.
//
// Purpose: inputs are passed to the functions that `verify` calls. Content that is only read after
// a good signature is signed first, so that inputs get that far. Lifetime: one per target.
// Thread-safety: none; libFuzzer has one thread.
#pragma once

#include "sign/verify_model.h"
#include "tests/fuzz/support/workbench.h"

namespace wmk::fuzz {

std::filesystem::path oms_vector(std::string_view name);
sign::TrustAnchors anchors(std::initializer_list<std::string_view> names);

class SealBench : public Workbench {
 public:
  SealBench();

  // Verifies the model with `bundle` as its seal, by the key.
  void ask_by_key(std::string_view bundle, bool legacy = false);
  // The same by certificates and timestamps.
  void ask_by_certificate(std::string_view bundle);
  // Verifies with a good seal and `statement` as the release statement, tensor by tensor.
  void ask_with_statement(std::string_view statement);
  // A bundle over `payload`, signed by the key, in the old or the current format.
  std::string signed_bundle(std::string_view payload, bool legacy = false) const;

 private:
  void ask(sign::VerifyRequest& request);

  sign::PrivateKey key_;
  sign::PublicKey public_;
  sign::TrustAnchors roots_, authorities_;
  std::string good_seal_;
  sign::VerifyRequest by_key_, by_certificate_;
};

}  // namespace wmk::fuzz
