// The worked example in specs/signing.md: a bundle made by another program.
#include "sign/manifest/statement.h"
#include "tests/unit/sign/sign_kit.h"

namespace wmk::sign {
namespace {

using namespace test;

constexpr std::string_view kPayload =
    "eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCAic3ViamVjdCI6W3sibmFtZSI6InNpbXBsZS"
    "IsICJkaWdlc3QiOnsic2hhMjU2IjoiOTI3NDUxMTBiMWFiNDM2ODQ3MWNiZTMxNjY0ZTEwMTc0ZTk1NGIxMTNhM2RmMzMz"
    "ZGI4NjAzMTdiMmM2ZGVjNCJ9fV0sICJwcmVkaWNhdGVUeXBlIjoiaHR0cHM6Ly9tb2RlbF9zaWduaW5nL3NpZ25hdHVyZS"
    "92MS4wIiwgInByZWRpY2F0ZSI6eyJyZXNvdXJjZXMiOlt7ImFsZ29yaXRobSI6InNoYTI1NiIsICJkaWdlc3QiOiJiYzlh"
    "NzE3ZGI2MDY0YTMyY2JlOWVhZTZmYzQwNjUxZGQ2ZDM2ZWYxNzU3MTgzZjU5MGVmZjJiMTc2NWQ3ZWJjIiwgIm5hbWUiOi"
    "JzaWdubWUtMSJ9LCB7ImFsZ29yaXRobSI6InNoYTI1NiIsICJkaWdlc3QiOiIzMmRjYjFmOGUxYWU1MmQ1OTYzZTU2YTZi"
    "YTA2YWI1OGI0MjRjMTVlZDJhNmI3MGQyZmVjYTFkMDg5MzcwMDI4IiwgIm5hbWUiOiJzaWdubWUtMiJ9XSwgInNlcmlhbG"
    "l6YXRpb24iOnsiYWxsb3dfc3ltbGlua3MiOmZhbHNlLCAiaGFzaF90eXBlIjoic2hhMjU2IiwgImlnbm9yZV9wYXRocyI6"
    "WyJ0ZXN0L2Fzc2V0cy9tb2RlbHMvc2ltcGxlL2lnbm9yZS1tZSIsICJ0ZXN0L2Fzc2V0cy92ZXJpZnkvcG9zaXRpdmUva2"
    "V5LXNpbXBsZS1nby9idW5kbGUuc2lnIiwgIi5naXQiLCAiLmdpdGlnbm9yZSIsICIuZ2l0YXR0cmlidXRlcyIsICIuZ2l0"
    "aHViIiwgIi5naXRtb2R1bGVzIl0sICJtZXRob2QiOiJmaWxlcyJ9fX0=";
constexpr std::string_view kSignature =
    "MGUCMCkcqXri6u+/"
    "jVp2yUVPSv8kfr3E8ENPxyUux9gTb5Ot+4cFqnguVw1o1ugWKB2ExwIxAKdM4HnYWE7UwlpTgqBp8pPC"
    "pMUpZkMYa47wol4v8Ooes1kVR9YX0E3oYZCk7NnluA==";
constexpr std::string_view kHint =
    "e8450dec4eb99dae995da9af1bc2cc9f76ed669ee2e744f57abba763df3e3f8e";
constexpr std::string_view kPublicKey =
    "-----BEGIN PUBLIC KEY-----\n"
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEsu6rZGBTjxtvRWPMixT+3HyndV0J0Ybt\n"
    "aHZUcO4DEK+OJHO/4e32bb/fbJKSpRgcBsIpKLcVijUomyFOERbd7u+BTPSUjGZD\n"
    "Qq6J7lTvp/EAXQGOKxW9RP0MGX3qAkvi\n"
    "-----END PUBLIC KEY-----\n";

std::string example_bundle() {
  return cat(R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json",)",
             R"("verificationMaterial":{"publicKey":{"hint":")", kHint,
             R"("}},"dsseEnvelope":{"payload":")", kPayload,
             R"(","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":")", kSignature,
             R"("}]}})");
}

PublicKey example_key(std::string_view before = "") {
  auto key = PublicKey::from_pem(cat(before, kPublicKey), "example");
  REQUIRE(key);
  return std::move(*key);
}

}  // namespace

TEST_CASE("the worked example of OMS verifies", "[sign]") {
  SignedModel model;
  const PublicKey key = example_key();
  model.request.key = &key;
  const Verification verification = model.verification(example_bundle());
  CHECK(SignedModel::codes(verification) == "good");
  CHECK(verification.root == kRoot);
  CHECK(verification.signed_name == "simple");
  CHECK(verification.covered.size() == 2);
  CHECK(verification.covered_bytes == 17);
  CHECK(verification.uncovered.empty());
}

TEST_CASE("the numbers of the worked example are those in the specification", "[sign]") {
  const auto payload = crypto::from_base64(kPayload);
  REQUIRE(payload);
  CHECK(payload->size() == 746);
  CHECK(to_hex(sha256(as_bytes("signme-1\n"))) == kDigest1);
  CHECK(to_hex(sha256(as_bytes("signme-2"))) == kDigest2);
  CHECK(example_key().hint() == kHint);
  CHECK(example_key().curve() == "P-384");
  // Text before the key in its file does not change the hint.
  CHECK(example_key("Public Key Info:\n\tcurve: SECP384R1\n\n").hint() == kHint);
  const std::string message = pre_authentication(kPayloadType, as_text(*payload));
  CHECK(message.starts_with("DSSEv1 28 application/vnd.in-toto+json 746 {\"_type\""));
  const auto signature = crypto::from_base64(kSignature);
  REQUIRE(signature);
  CHECK(example_key().verifies(as_bytes(message), *signature));
  CHECK_FALSE(example_key().verifies(as_bytes(message), *signature, SignatureDigest::sha256));
}

TEST_CASE("one changed bit of file, payload or signature of the worked example is detected",
          "[sign]") {
  SignedModel model;
  const PublicKey key = example_key();
  model.request.key = &key;
  CHECK(model.answer(replaced(example_bundle(), "MGUCMCkc", "MGUCMCkd")) == "signature_invalid");
  CHECK(model.answer(replaced(example_bundle(), "InNpbXBsZSIs", "InNpbXBsZiIs")) ==
        "signature_invalid");
  model.put("signme-2", "signme-2\n");
  CHECK(model.answer(example_bundle()) == "file_differs");
}

}  // namespace wmk::sign
