// What the fuzz targets of the sign room share: a small model, keys, and questions about it.
//
// Purpose: what strangers send is asked about through the door of `verify`, and what lies behind a
// signature is signed first, or no input would get there. Lifetime: made once a target.
// Thread-safety: none; libFuzzer has one thread.
#pragma once

#include "sign/verify_model.h"
#include "tests/fuzz/workbench.h"

namespace wmk::fuzz {

std::filesystem::path oms_vector(std::string_view name);
sign::TrustAnchors anchors(std::initializer_list<std::string_view> names);

class SealBench : public Workbench {
 public:
  SealBench();

  // Asks `verify` about the model, with `bundle` as its seal, by the key.
  void ask_by_key(std::string_view bundle, bool legacy = false);
  // By certificates and timestamps.
  void ask_by_certificate(std::string_view bundle);
  // With a good seal and `statement` as our own beside it, tensor by tensor.
  void ask_with_statement(std::string_view statement);
  // A bundle over `payload` that the key signed, in the old way or in that of today.
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
