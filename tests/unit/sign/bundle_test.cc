// Malformed bundles, each with a signature that would be valid.
#include "tests/unit/sign/sign_kit.h"

namespace wmk::sign {
namespace {

using namespace test;

std::string good_bundle() { return signed_bundle(good_payload()); }

std::string envelope_text(std::string_view payload_type, std::string_view message) {
  return replaced(bundle_over(good_payload(), message, private_key()), kPayloadType, payload_type);
}

}  // namespace

TEST_CASE("a bundle that we wrote verifies", "[sign]") {
  const SignedModel model;
  CHECK(model.answer(good_bundle()) == "good");
}

TEST_CASE("other media types are refused, including older ones", "[sign][bad-input]") {
  const SignedModel model;
  for (const char* type : {"application/json", "application/vnd.dev.sigstore.bundle.v0.1+json",
                           "application/vnd.dev.sigstore.bundle+json;version=0.3"}) {
    CHECK(model.answer(replaced(good_bundle(), kMediaType, type)) == "media_type");
  }
}

TEST_CASE("a duplicate key is refused in bundle and statement", "[sign][bad-input]") {
  const SignedModel model;
  CHECK(model.answer(replaced(good_bundle(), R"("payload")", R"("payload": "", "payload")")) ==
        "duplicate_key");
  CHECK(model.answer_to_payload(replaced(good_payload(), R"("predicateType")",
                                         R"("predicateType":"x","predicateType")")) ==
        "duplicate_key");
}

TEST_CASE("a bundle must have exactly one signature", "[sign][bad-input]") {
  const SignedModel model;
  const std::string bundle = good_bundle();
  CHECK(model.answer(replaced(bundle, R"([{"sig")", R"([{"sig": "AAAA"}, {"sig")")) ==
        "signature_count");
  const size_t at = bundle.find(R"("sig": ")") + 8;
  const std::string signature = bundle.substr(at, bundle.find('"', at) - at);
  CHECK(model.answer(replaced(bundle, signature + "\"}", signature + R"("}, {"sig": "AAAA"})")) ==
        "signature_count");
  CHECK(model.answer(replaced(bundle, cat(R"({"sig": ")", signature, "\"}"), "")) ==
        "signature_count");
}

TEST_CASE("another payload type is refused even if it was signed", "[sign][bad-input]") {
  const SignedModel model;
  const std::string payload = good_payload();
  const std::string other = pre_authentication("text/plain", payload);
  CHECK(model.answer(envelope_text("text/plain", other)) == "payload_type");
  CHECK(model.answer(bundle_over(payload, other, private_key())) == "signature_invalid");
}

TEST_CASE("a signature over the payload without its type is invalid", "[sign][bad-input]") {
  const SignedModel model;
  CHECK(model.answer(bundle_over(good_payload(), good_payload(), private_key())) ==
        "signature_invalid");
}

TEST_CASE("a bundle with a key and certificates, or with neither, is refused",
          "[sign][bad-input]") {
  const SignedModel model;
  const std::string both =
      replaced(good_bundle(), R"("publicKey")",
               R"("x509CertificateChain": {"certificates": [{"rawBytes": "AAAA"}]}, "publicKey")");
  CHECK(model.answer(both) == "verification_material");
  const std::string keyless = R"("certificate": {"rawBytes": "AAAA"}, )";
  const std::string key = cat(R"("publicKey": {"hint": ")", public_key().hint(), R"("}, )");
  CHECK(model.answer(replaced(good_bundle(), key, "")) == "verification_material");
  CHECK(model.answer(replaced(good_bundle(), key, keyless)) == "verification_material");
  CHECK(model.answer(replaced(good_bundle(), key, key + keyless)) == "verification_material");
}

TEST_CASE("the hint of another key is refused, the key id is ignored", "[sign][bad-input]") {
  const SignedModel model;
  const std::string hint = public_key().hint();
  const std::string bundle = good_bundle();
  CHECK(model.answer(replaced(bundle, hint, public_key("p384").hint())) == "key_hint");
  CHECK(model.answer(replaced(bundle, cat(R"("hint": ")", hint, "\""), R"("x": "")")) == "good");
  for (const char* id : {R"("keyid": "", )", R"("keyid": null, )", R"("keyid": "somebody's", )"}) {
    CHECK(model.answer(replaced(bundle, R"("sig":)", cat(id, R"("sig":)"))) == "good");
  }
}

TEST_CASE("a key in an old bundle must be the user's key", "[sign][bad-input]") {
  const SignedModel model;
  const auto old = [&](std::string_view name) {
    const std::string pem = wmk::test::content_of(oms_vector(cat(name, ".pub.pem")));
    return replaced(good_bundle(), cat(R"("hint": ")", public_key().hint(), "\""),
                    cat(R"("rawBytes": ")", crypto::to_base64(as_bytes(pem)),
                        R"(", "keyDetails": "PKIX_ECDSA_P256_SHA_256")"));
  };
  CHECK(model.answer(old("p256")) == "good");
  CHECK(model.answer(old("p521")) == "key_hint");
}

TEST_CASE("base64 with extra characters is refused, the URL-safe alphabet is accepted",
          "[sign][bad-input]") {
  const SignedModel model;
  // A payload whose base64 has characters that differ between the alphabets.
  const std::string payload = replaced(good_payload(), "simple", "\u00ff\u00ff\u00ff>>>~~~");
  const std::string bundle = signed_bundle(payload);
  const std::string standard = crypto::to_base64(as_bytes(payload));
  REQUIRE(standard.find_first_of("+/") != std::string::npos);
  std::string safe = standard;
  for (char& c : safe) c = c == '+' ? '-' : c == '/' ? '_' : c;
  CHECK(model.answer(replaced(bundle, standard, safe)) == "good");
  for (const std::string& odd :
       {standard + "\\n", " " + standard, standard + "=", standard + "!"}) {
    CHECK(model.answer(replaced(bundle, standard, odd)) == "bundle_malformed");
  }
  const std::string padded = crypto::to_base64(as_bytes(payload + " "));
  if (padded.ends_with('=')) {
    const std::string bare = padded.substr(0, padded.find('='));
    CHECK(model.answer(replaced(signed_bundle(payload + " "), padded, bare)) == "bundle_malformed");
  }
}

TEST_CASE("an unknown member is refused", "[sign][bad-input]") {
  const SignedModel model;
  const std::string bundle = good_bundle();
  for (const char* where : {R"("mediaType")", R"("publicKey")", R"("payloadType")", R"("sig")"}) {
    CHECK(model.answer(replaced(bundle, where, cat(R"("x": 1, )", where))) == "bundle_malformed");
  }
}

TEST_CASE("a bundle that is not JSON is an error", "[sign][bad-input]") {
  const SignedModel model;
  const std::string deep = std::string(10000, '[') + std::string(10000, ']');
  for (const std::string& text :
       {std::string(), std::string("{\"mediaType\":"), deep, std::string("[1e999]"),
        good_bundle() + "{}", "\xEF\xBB\xBF" + good_bundle()}) {
    const auto verified = model.verify(text);
    REQUIRE_FALSE(verified);
    CHECK(verified.error().message().find("simple.sig") != std::string::npos);
  }
  CHECK(model.answer("[]") == "bundle_malformed");
  CHECK(model.answer("{}") == "media_type");
}

TEST_CASE("transparency log entries are not checked, and a note reports that", "[sign]") {
  const SignedModel model;
  const Verification verification = model.verification(
      replaced(good_bundle(), R"("tlogEntries": [])", R"("tlogEntries": [{"a": 1}])"));
  CHECK(verification.good());
  REQUIRE(verification.findings.notes.size() == 1);
  CHECK(verification.findings.notes[0] == "transparency log entries are not checked");
}

TEST_CASE("a transparency log entry does not change the answer", "[sign][bad-input]") {
  const SignedModel model;
  const std::string other = signed_bundle(good_payload(), private_key("leaf"));
  const std::string good = good_bundle();
  const size_t sig = good.find(R"("sig": ")") + 8;
  std::string damaged = good;
  damaged[sig + 40] = damaged[sig + 40] == 'A' ? 'B' : 'A';
  // An entry in the format of logs, about a good bundle: entries are ignored even if they match.
  const std::string entry =
      cat(R"("tlogEntries": [{"logIndex": "1", "integratedTime": "1700000000", "kindVersion": )",
          R"({"kind": "dsse", "version": "0.0.1"}, "canonicalizedBody": ")",
          crypto::to_base64(as_bytes(good)), R"("}])");
  for (const std::string& bundle : {good, other, damaged}) {
    const Verification before = model.verification(bundle);
    const Verification after = model.verification(replaced(bundle, R"("tlogEntries": [])", entry));
    CHECK(SignedModel::codes(after) == SignedModel::codes(before));
    CHECK(after.authentic == before.authentic);
    CHECK(after.proven.empty());
    CHECK(after.claimed.empty());
    CHECK(after.findings.notes.size() == before.findings.notes.size() + 1);
  }
  CHECK(model.answer(other) == "key_hint");
  CHECK(model.answer(damaged) == "signature_invalid");
}

TEST_CASE("adding a timestamp changes nothing else in a bundle", "[sign]") {
  const std::string bundle = replaced(good_bundle(), R"("sig":)", R"("keyid": null, "sig":)");
  const auto once = with_timestamp(bundle, as_bytes("one"));
  REQUIRE(once);
  const auto twice = with_timestamp(*once, as_bytes("two"));
  REQUIRE(twice);
  Findings findings;
  const auto read = parse_bundle(*twice, findings);
  REQUIRE((read && *read));
  REQUIRE((*read)->timestamps.size() == 2);
  CHECK(as_text((*read)->timestamps[1]) == "two");
  const std::string stamps =
      R"(, "timestampVerificationData": {"rfc3161Timestamps": [{"signedTimestamp": "b25l"}, )"
      R"({"signedTimestamp": "dHdv"}]})";
  CHECK(replaced(*twice, stamps, "") == bundle);
}

}  // namespace wmk::sign
