// A small model, keys of tests/vectors/oms, and functions that sign any bundle.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "base/text.h"
#include "crypto/encoding.h"
#include "sign/bundle/bundle.h"
#include "sign/bundle/envelope.h"
#include "sign/keys/key.h"
#include "sign/verify_model.h"
#include "tests/unit/scratch.h"

namespace wmk::sign::test {

inline std::filesystem::path oms_vector(std::string_view name) {
  return std::filesystem::path(WMK_SOURCE_DIR) / "tests" / "vectors" / "oms" / name;
}

inline PrivateKey private_key(std::string_view name = "p256") {
  auto key = PrivateKey::read(oms_vector(cat(name, ".key.pem")), nullptr);
  REQUIRE(key);
  return std::move(*key);
}

inline PublicKey public_key(std::string_view name = "p256") {
  auto key = PublicKey::read(oms_vector(cat(name, ".pub.pem")));
  REQUIRE(key);
  return std::move(*key);
}

// `text` with the first `from` in it replaced.
inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  INFO(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

inline constexpr std::string_view kDigest1 =
    "bc9a717db6064a32cbe9eae6fc40651dd6d36ef1757183f590eff2b1765d7ebc";
inline constexpr std::string_view kDigest2 =
    "32dcb1f8e1ae52d5963e56a6ba06ab58b424c15ed2a6b70d2feca1d089370028";
inline constexpr std::string_view kRoot =
    "92745110b1ab4368471cbe31664e10174e954b113a3df333db860317b2c6dec4";

inline std::string resource(std::string_view name, std::string_view digest,
                            std::string_view algorithm = "sha256") {
  return cat(R"({"name":")", name, R"(","algorithm":")", algorithm, R"(","digest":")", digest,
             R"("})");
}

// A statement with these resources (JSON, joined by commas) and this root.
inline std::string payload_of(std::string_view resources, std::string_view root,
                              std::string_view more = "", std::string_view hash = "sha256") {
  return cat(R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"simple","digest":)",
             R"({"sha256":")", root,
             R"("}}],"predicateType":"https://model_signing/signature/v1.0","predicate":)",
             R"({"resources":[)", resources, R"(],"serialization":{"method":"files","hash_type":")",
             hash, R"(","allow_symlinks":false)", more, "}}}");
}

inline std::string good_payload() {
  return payload_of(cat(resource("signme-1", kDigest1), ",", resource("signme-2", kDigest2)),
                    kRoot);
}

// A bundle whose signature is over `message`, whatever the payload is.
inline std::string bundle_over(std::string_view payload, std::string_view message,
                               const PrivateKey& key) {
  auto signature = key.sign(as_bytes(message));
  REQUIRE(signature);
  Bundle bundle;
  bundle.payload = payload;
  bundle.hint = key.public_key().hint();
  bundle.signature = std::move(*signature);
  return bundle_text(bundle);
}

inline std::string signed_bundle(std::string_view payload, const PrivateKey& key = private_key()) {
  return bundle_over(payload, pre_authentication(kPayloadType, payload), key);
}

// signme-1 and signme-2 in the folder "simple", and a request to verify them.
class SignedModel {
 public:
  SignedModel() {
    put("signme-1", "signme-1\n");
    put("signme-2", "signme-2");
    request.model = scratch / "simple";
    request.signature = scratch / "simple.sig";
    request.key = &key_;
  }
  void put(std::string_view name, std::string_view content) const {
    scratch.put(cat("simple/", name), content);
  }

  Result<Verification> verify(std::string_view bundle) const {
    scratch.put("simple.sig", bundle);
    return verify_model(request);
  }
  Verification verification(std::string_view bundle) const {
    auto verified = verify(bundle);
    REQUIRE(verified);
    return std::move(*verified);
  }
  // "good", or the codes of the reasons, each once, joined by spaces.
  std::string answer(std::string_view bundle) const { return codes(verification(bundle)); }
  std::string answer_to_payload(std::string_view payload) const {
    return answer(signed_bundle(payload));
  }
  static std::string codes(const Verification& verification) {
    std::string out;
    for (const Reason& reason : verification.findings.reasons) {
      const std::string_view code = to_string(reason.code);
      if (out.find(code) == std::string::npos) out += cat(out.empty() ? "" : " ", code);
    }
    return verification.good() ? "good" : out;
  }

  wmk::test::Scratch scratch;
  VerifyRequest request;

 private:
  PublicKey key_ = public_key();
};

}  // namespace wmk::sign::test
