// Trust folders on the disk, with keys of tests/vectors/oms under any name.
#pragma once

#include "claims/arbitrate/seal.h"
#include "sign/seal.h"
#include "tests/unit/claims/claim_kit.h"
#include "tests/unit/keyless/keyless_model.h"

namespace wmk::claims::test {

inline std::string oms_text(std::string_view name) {
  return wmk::test::content_of(sign::test::oms_vector(name));
}

// The name of a file in keys/, and the vector that it is a copy of.
using Keys = std::vector<std::pair<std::string, std::string>>;

struct TrustOnDisk {
  explicit TrustOnDisk(const Keys& keys) {
    for (const auto& [file, vector] : keys) put("keys/" + file, oms_text(vector));
  }
  void put(std::string_view name, std::string_view content) const {
    scratch.put(cat("trust/", name), content);
  }
  Result<TrustFolder> read() const { return TrustFolder::read(scratch / "trust"); }
  TrustFolder trust() const { return must(read()); }
  std::string refusal() const {
    const auto trust = read();
    REQUIRE_FALSE(trust.has_value());
    return trust.error().message();
  }

  wmk::test::Scratch scratch;
};

// The folder `simple` of the tests of seals, as a suspect with a seal.
struct SealedSuspect {
  SealFacts check(const TrustFolder& trust, std::string_view bundle,
                  const TrustedKey* claimant = nullptr) const {
    model.scratch.put("simple.sig", bundle);
    sign::SealRequest manifest;
    manifest.model = model.request.model;
    const sign::Seal files = must(sign::manifest_of(manifest));
    SealRequest request{trust, claimant, files.statement, {}};
    request.model.model = model.request.model;
    request.model.signature = model.request.signature;
    return must(check_seal(request));
  }

  sign::test::SignedModel model;
};

}  // namespace wmk::claims::test
