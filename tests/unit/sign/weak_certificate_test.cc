// Certificates that a patient attacker could forge: short keys, SHA-1.
#include "sign/keys/certificate.h"
#include "tests/unit/sign/made_certificates.h"

namespace wmk::sign {
namespace {

using namespace test;

// "good", or the reason why the first certificate's key is not trusted.
std::string answer(std::initializer_list<const MadeCertificate*> chain,
                   const MadeCertificate& root) {
  std::vector<Bytes> all;
  for (const MadeCertificate* one : chain) all.push_back(one->der());
  const TrustAnchors anchors{{root.der()}};
  const ExpectedSubject anybody;
  Findings findings;
  const auto key = trusted_key({all, anchors, anybody, {}}, findings);
  REQUIRE(key.has_value() == findings.reasons.empty());
  if (key) return "good";
  CHECK(findings.reasons[0].code == Code::certificate_untrusted);
  return findings.reasons[0].text;
}

bool says(const std::string& text, const char* part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an authority with an RSA key of 1024 bits is not trusted", "[sign]") {
  for (const unsigned bits : {1024u, 2048u}) {
    CAPTURE(bits);
    const auto root = make_certificate("root", rsa_key(bits), nullptr, Use::authority);
    const auto leaf = make_certificate("leaf", p256_key(), &root, Use::code_signing);
    const std::string found = answer({&leaf}, root);
    CHECK((bits == 2048 ? found == "good" : says(found, "key too weak")));
    // The same below a strong root.
    const auto strong = make_certificate("strong root", p256_key(), nullptr, Use::authority);
    const auto between = make_certificate("between", rsa_key(bits), &strong, Use::authority);
    const auto other = make_certificate("other leaf", p256_key(), &between, Use::code_signing);
    const std::string below = answer({&other, &between}, strong);
    CHECK((bits == 2048 ? below == "good" : says(below, "key too weak")));
  }
}

TEST_CASE("a certificate that was signed with SHA-1 is not trusted", "[sign]") {
  const auto root = make_certificate("root", rsa_key(2048), nullptr, Use::authority);
  for (const SignedWith with : {SignedWith::sha1, SignedWith::sha256}) {
    const auto leaf = make_certificate("leaf", p256_key(), &root, Use::code_signing, with);
    const std::string found = answer({&leaf}, root);
    CHECK(
        (with == SignedWith::sha256 ? found == "good" : says(found, "digest algorithm too weak")));
  }
}

}  // namespace wmk::sign
