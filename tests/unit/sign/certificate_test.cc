// Certificates and timestamps of tests/vectors/oms.
#include "sign/keys/certificate.h"

#include "sign/keys/timestamp.h"
#include "tests/unit/sign/sign_kit.h"

namespace wmk::sign {
namespace {

using namespace test;

TrustAnchors anchors(std::initializer_list<std::string_view> names) {
  std::vector<std::filesystem::path> files;
  for (const std::string_view name : names) files.push_back(oms_vector(cat(name, ".crt.pem")));
  auto read = read_certificates(files);
  REQUIRE(read);
  return {std::move(*read)};
}

std::string bundle_of(std::string_view name) {
  return wmk::test::content_of(oms_vector(cat(name, ".sig")));
}

// Verifies certificates with `root`, and timestamps with `authority` unless it is empty.
class Certified : public SignedModel {
 public:
  explicit Certified(std::string_view root = "root", std::string_view authority = "")
      : roots_(anchors({root})) {
    request.key = nullptr;
    request.anchors = &roots_;
    if (authority.empty()) return;
    authorities_ = anchors({authority});
    request.authorities = &authorities_;
  }

 private:
  TrustAnchors roots_, authorities_;
};

}  // namespace

TEST_CASE("a chain to the user's root verifies, in any order", "[sign]") {
  const Certified model;
  CHECK(model.answer(bundle_of("by-leaf")) == "good");
  CHECK(model.answer(bundle_of("by-leaf-mixed")) == "good");
  CHECK(model.answer(bundle_of("by-leaf-alone")) == "certificate_untrusted");
  const Verification verification = model.verification(bundle_of("by-leaf"));
  REQUIRE(verification.signer);
  CHECK(verification.signer->subject == "CN=Example release");
  CHECK(verification.signer->issuer == "CN=Example issuing");
  CHECK(verification.signer->names ==
        std::vector<std::string>{"email:release@example.org", "uri:https://example.org/models"});
  CHECK(time_text(verification.signer->not_before) == "2019-01-01T00:00:00Z");
  CHECK(verification.signer->fingerprint.size() == 64);
}

TEST_CASE("a root of the same name, or one for timestamps, is not trusted", "[sign]") {
  CHECK(Certified("stranger-root").answer(bundle_of("by-leaf")) == "certificate_untrusted");
  CHECK(Certified("tsa-root").answer(bundle_of("by-leaf")) == "certificate_untrusted");
  // A leaf among the anchors is not a root.
  CHECK(Certified("leaf").answer(bundle_of("by-leaf")) == "certificate_untrusted");
}

TEST_CASE("a leaf may be an authority, but a ring or a chain that is too long is not trusted",
          "[sign][bad-input]") {
  CHECK(Certified("chain-root").answer(bundle_of("by-chain-ca-leaf")) == "good");
  // Two authorities certify each other: there is no root, even if one of them is an anchor.
  for (const char* anchor : {"chain-root", "chain-ring-one", "chain-ring-two"}) {
    CHECK(Certified(anchor).answer(bundle_of("by-chain-ring")) == "certificate_untrusted");
  }
  CHECK(Certified("chain-root").answer(bundle_of("by-chain-deep")) == "certificate_untrusted");
  // The chain itself is correct; it is only too long.
  const Verification verification =
      Certified("chain-root").verification(bundle_of("by-chain-deep"));
  REQUIRE(verification.findings.reasons.size() == 1);
  CHECK(verification.findings.reasons[0].text.find("too long") != std::string::npos);
}

TEST_CASE("errors about certificates state dates and issuer", "[sign]") {
  const auto text = [](const char* root, const char* bundle) {
    const Verification verification = Certified(root).verification(bundle_of(bundle));
    REQUIRE(verification.findings.reasons.size() == 1);
    return verification.findings.reasons[0].text;
  };
  CHECK(text("root", "by-past") ==
        "the signer's certificate expired on 2020-07-01T00:00:00Z, and no earlier time is proven");
  CHECK(text("root", "by-future") ==
        "the signer's certificate is not valid before 2100-01-01T00:00:00Z");
  CHECK(text("stranger-root", "by-leaf-alone").find("issued by 'CN=Example issuing'") !=
        std::string::npos);
}

TEST_CASE("a certificate chain and a plain key do not replace each other", "[sign]") {
  SignedModel by_key;
  CHECK(by_key.answer(bundle_of("by-leaf")) == "verification_material");
  CHECK(Certified().answer(signed_bundle(good_payload())) == "verification_material");
}

TEST_CASE("expired and not yet valid certificates are refused", "[sign]") {
  CHECK(Certified().answer(bundle_of("by-past")) == "certificate_expired");
  CHECK(Certified().answer(bundle_of("by-future")) == "certificate_not_yet_valid");
}

TEST_CASE("a certificate must allow signatures", "[sign]") {
  Certified model;
  CHECK(model.answer(bundle_of("by-usage")) == "certificate_usage");
  CHECK(model.answer(bundle_of("by-web")) == "good");
  model.request.expected.code_signing = true;
  CHECK(model.answer(bundle_of("by-web")) == "certificate_usage");
  CHECK(model.answer(bundle_of("by-leaf")) == "good");
}

TEST_CASE("subject and alternative name must be the expected ones", "[sign]") {
  Certified model;
  model.request.expected.subject = "CN=Example release";
  CHECK(model.answer(bundle_of("by-leaf")) == "good");
  CHECK(model.answer(bundle_of("by-web")) == "certificate_subject");
  model.request.expected = {};
  for (const char* name :
       {"release@example.org", "email:release@example.org", "https://example.org/models"}) {
    model.request.expected.name = name;
    CHECK(model.answer(bundle_of("by-leaf")) == "good");
    CHECK(model.answer(bundle_of("by-web")) == "certificate_san");
  }
  model.request.expected.name = "dns:release@example.org";
  CHECK(model.answer(bundle_of("by-leaf")) == "certificate_san");
}

TEST_CASE("a damaged certificate is refused", "[sign][bad-input]") {
  const Certified model;
  const std::string bundle = bundle_of("by-leaf");
  const size_t at = bundle.find(R"("rawBytes": ")") + 13;
  const std::string leaf = bundle.substr(at, bundle.find('"', at) - at);
  CHECK(model.answer(replaced(bundle, leaf, "AAAA")) == "certificate_malformed");
  auto bytes = *crypto::from_base64(leaf);
  bytes.push_back(std::byte{0});
  CHECK(model.answer(replaced(bundle, leaf, crypto::to_base64(bytes))) == "certificate_malformed");
  bytes.pop_back();
  bytes.back() ^= std::byte{1};
  CHECK(model.answer(replaced(bundle, leaf, crypto::to_base64(bytes))) == "certificate_untrusted");
}

TEST_CASE("an expired certificate is valid at a proven earlier time", "[sign]") {
  Certified model("root", "tsa-root");
  model.request.timestamps_required = 1;
  const Verification verification = model.verification(bundle_of("by-past-stamped"));
  CHECK(SignedModel::codes(verification) == "good");
  REQUIRE(verification.proven.size() == 1);
  CHECK(time_text(verification.proven[0].seconds) == "2020-06-15T12:00:00Z");
  CHECK(verification.proven[0].authority == "CN=Example time");
}

TEST_CASE("an expired certificate is not valid at a claimed time", "[sign]") {
  const Verification verification = Certified().verification(bundle_of("by-past-stamped"));
  CHECK(SignedModel::codes(verification) == "certificate_expired");
  CHECK(verification.claimed.size() == 1);
  CHECK(Certified("root", "tsa-root").answer(bundle_of("by-past-forged")) == "certificate_expired");
  CHECK(Certified("root", "forger-root").answer(bundle_of("by-past-forged")) == "good");
}

TEST_CASE("roots of signers and of timestamp authorities do not replace each other", "[sign]") {
  CHECK(Certified("root", "root").answer(bundle_of("by-past-stamped")) == "certificate_expired");
  CHECK(Certified("tsa-root", "tsa-root").answer(bundle_of("by-past-stamped")) ==
        "certificate_untrusted");
}

TEST_CASE("a timestamp for other bytes than the signature is not trusted", "[sign]") {
  const Certified model("root", "tsa-root");
  CHECK(model.answer(bundle_of("by-past-payload")) == "certificate_expired");
  // The token of another bundle.
  const auto token = [](const std::string& bundle) {
    const size_t at = bundle.find(R"("signedTimestamp": ")") + 20;
    return bundle.substr(at, bundle.find('"', at) - at);
  };
  const std::string own = bundle_of("by-past-stamped");
  CHECK(model.answer(replaced(own, token(own), token(bundle_of("by-past-twice")))) ==
        "certificate_expired");
}

TEST_CASE("an authority's certificate must be only for timestamps, marked critical", "[sign]") {
  const Certified model("root", "tsa-root");
  CHECK(model.answer(bundle_of("by-past-remade")) == "good");
  CHECK(model.answer(bundle_of("by-past-lax")) == "certificate_expired");
}

TEST_CASE("timestamps are counted by authority", "[sign]") {
  Certified model("root", "tsa-root");
  model.request.timestamps_required = 2;
  CHECK(model.answer(bundle_of("by-past-twice")) == "good");
  CHECK(model.answer(bundle_of("by-past-same")) == "timestamp_missing");
  CHECK(model.answer(bundle_of("by-past-stamped")) == "timestamp_missing");
  CHECK(model.answer(bundle_of("by-leaf")) == "timestamp_missing");
}

TEST_CASE("a damaged timestamp is not trusted and does not crash", "[sign][bad-input]") {
  const Certified model("root", "tsa-root");
  const std::string bundle = bundle_of("by-past-stamped");
  const size_t at = bundle.find(R"("signedTimestamp": ")") + 20;
  const std::string token = bundle.substr(at, bundle.find('"', at) - at);
  const Bytes good = *crypto::from_base64(token);
  for (size_t i = 0; i < good.size(); i += 7) {
    Bytes bad = good;
    bad[i] ^= std::byte{0x41};
    // The changed byte may not be signed (such as the certificate's own copy of a name).
    const std::string answer = model.answer(replaced(bundle, token, crypto::to_base64(bad)));
    CHECK((answer == "certificate_expired" || answer == "good"));
  }
  for (const size_t size : {size_t{1}, size_t{9}, good.size() / 2, good.size() - 1}) {
    const Bytes part(good.begin(), good.begin() + static_cast<ptrdiff_t>(size));
    CHECK(model.answer(replaced(bundle, token, crypto::to_base64(part))) == "certificate_expired");
  }
  Bytes longer = good;
  longer.push_back(std::byte{0});
  CHECK(model.answer(replaced(bundle, token, crypto::to_base64(longer))) == "certificate_expired");
}

TEST_CASE("the chain in a bundle has no roots", "[sign]") {
  const auto all = anchors({"leaf", "between", "root"}).certificates;
  CHECK(without_roots(all) == anchors({"leaf", "between"}).certificates);
  const auto root = anchors({"root"}).certificates;
  CHECK(without_roots(anchors({"root", "root"}).certificates) == root);
  CHECK_FALSE(read_certificates({oms_vector("p256.pub.pem")}));
}

TEST_CASE("a time that is no date is printed as it is", "[sign]") {
  CHECK(time_text(0) == "1970-01-01T00:00:00Z");
  CHECK(time_text(253402300799) == "9999-12-31T23:59:59Z");
  CHECK(time_text(253402300800) == "253402300800 seconds after 1970");
  CHECK(time_text(INT64_MAX) == "9223372036854775807 seconds after 1970");
  CHECK(time_text(INT64_MIN) == "-9223372036854775808 seconds after 1970");
}

}  // namespace wmk::sign
