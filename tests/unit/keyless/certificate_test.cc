// Keyless bundles: when they were signed, by whose certificate, and whose that is.
#include "sign/bundle/envelope.h"
#include "tests/unit/keyless/keyless_model.h"

namespace wmk::sign::test {

TEST_CASE("a keyless bundle verifies with logs of both versions", "[keyless]") {
  const KeylessModel model;
  for (const Rekor rekor : {Rekor::first, Rekor::second}) {
    const Verification found = model.verification(good_parts(rekor).text());
    CHECK(KeylessModel::codes(found) == "good");
    CHECK(found.authentic);
    REQUIRE(found.signer);
    CHECK(found.signer->names == std::vector<std::string>{"email:signer@example.org"});
    CHECK(found.identity_issuer == kProvider);
    REQUIRE(found.proven.size() == 1);
    CHECK(found.proven[0].seconds == kSigningTime);
    REQUIRE(found.entries.size() == 1);
    CHECK(found.entries[0].log ==
          (rekor == Rekor::first ? "rekor.example.org" : "log2.example.org"));
    CHECK(found.entries[0].index == (rekor == Rekor::first ? 1'000'005 : 5));
  }
}

TEST_CASE("identity and provider of a keyless signer must be the expected ones",
          "[keyless][bad-input]") {
  KeylessModel model;
  const auto with = [&](const std::string& names) {
    return model.answer_to(good_parts(Rekor::first, {.names = names}));
  };
  CHECK(with("URI:https://example.org/job,email:signer@example.org") == "good");
  CHECK(with("email:another@example.org") == "certificate_identity");
  CHECK(with("email:signer@example.org.evil.example") == "certificate_identity");
  CHECK(with("email:x@example.org,URI:https://example.org/email:signer@example.org") ==
        "certificate_identity");
  CHECK(model.answer_to(good_parts(Rekor::first, {.provider = "https://evil.example"})) ==
        "certificate_oidc_issuer");
  model.request.identity.issuer += "/";
  CHECK(model.answer_to(good_parts(Rekor::first)) == "certificate_oidc_issuer");
}

TEST_CASE("a log's time counts only with its promise", "[keyless][bad-input]") {
  const KeylessModel model;
  BundleParts parts = good_parts(Rekor::first);
  const Bytes promise = std::exchange(parts.entries[0].promise, {});
  CHECK(model.answer_to(parts) == "timestamp_missing");
  CHECK(model.verification(parts.text()).claimed == std::vector<int64_t>{kSigningTime});
  CHECK(model.has_note(parts, "did not sign it"));
  parts.timestamps = {shared_instance().timestamp(parts.signature)};
  CHECK(model.answer_to(parts) == "good");
  parts.entries[0].promise = promise;
  parts.entries[0].time += 1;
  CHECK(model.answer_to(parts) == "log_proof");
}

TEST_CASE("an entry of Rekor v2 states no time", "[keyless][bad-input]") {
  const KeylessModel model;
  BundleParts parts = good_parts(Rekor::second);
  const auto timestamps = std::exchange(parts.timestamps, {});
  CHECK(model.answer_to(parts) == "timestamp_missing");
  parts.entries[0].time = kSigningTime;
  CHECK(model.answer_to(parts) == "log_entry");
  parts.timestamps = timestamps;
  CHECK(model.answer_to(parts) == "log_entry");
}

TEST_CASE("a keyless certificate must be valid at every proven time", "[keyless][bad-input]") {
  const KeylessModel model;
  BundleParts parts = good_parts(Rekor::first);
  const auto stamped = [&](int64_t time) {
    parts.timestamps = {shared_instance().timestamp(parts.signature, time)};
    return model.answer_to(parts);
  };
  CHECK(stamped(kSigningTime) == "good");
  CHECK(stamped(kSigningTime + 539) == "good");
  CHECK(stamped(kSigningTime + 541) == "certificate_expired");
  CHECK(stamped(kSigningTime - 61) == "certificate_not_yet_valid");
  CHECK(model.answer_to(good_parts(Rekor::first, {.start = kSigningTime - 1000})) ==
        "certificate_expired");
  CHECK(model.answer_to(good_parts(Rekor::second, {.start = kSigningTime + 10})) ==
        "certificate_not_yet_valid");
}

TEST_CASE("keys of a trusted root count only while they are valid, ends included",
          "[keyless][bad-input]") {
  KeylessModel model;
  const BundleParts first = good_parts(Rekor::first), second = good_parts(Rekor::second);
  TrustedRoot& root = model.root;
  const auto answers = [&](TimeRange& valid, const BundleParts& parts) {
    const TimeRange before = valid;
    std::vector<std::string> out;
    for (const TimeRange range :
         {TimeRange{kSigningTime, kSigningTime}, TimeRange{kSigningTime + 1, {}},
          TimeRange{0, kSigningTime - 1}}) {
      valid = range;
      out.push_back(model.answer_to(parts));
    }
    valid = before;
    return out;
  };
  using Answers = std::vector<std::string>;
  CHECK(answers(root.logs[0].valid, first) == Answers{"good", "log_proof", "log_proof"});
  CHECK(answers(root.logs[1].valid, second) == Answers{"good", "log_missing", "log_missing"});
  CHECK(answers(root.authorities[0].valid, first) ==
        Answers{"good", "certificate_untrusted", "certificate_untrusted"});
  CHECK(answers(root.timestamp_authorities[0].valid, second) ==
        Answers{"good", "timestamp_missing", "timestamp_missing"});
  const BundleParts issued_then = good_parts(Rekor::first, {.start = kSigningTime});
  CHECK(answers(root.certificate_logs[0].valid, issued_then) ==
        Answers{"good", "certificate_transparency", "certificate_transparency"});
}

TEST_CASE("a timestamp must be by the trusted root's authority and of this signature",
          "[keyless][bad-input]") {
  const KeylessModel model;
  BundleParts parts = good_parts(Rekor::second);
  const SigstoreInstance other("evil.example");
  parts.timestamps = {other.timestamp(parts.signature)};
  CHECK(model.answer_to(parts) == "timestamp_missing");
  parts.timestamps = {shared_instance().timestamp(as_bytes("another signature"))};
  CHECK(model.answer_to(parts) == "timestamp_missing");
  // Another certificate of the same root is not the authority.
  const MadeCertificate sister = issue(
      {"sister",
       kSigningTime - 9,
       99,
       {{"keyUsage", "critical,digitalSignature"}, {"extendedKeyUsage", "critical,timeStamping"}}},
      p256_key(), &shared_instance().timestamp_root);
  parts.timestamps = {timestamp_by(sister, parts.signature, kSigningTime)};
  CHECK(model.answer_to(parts) == "timestamp_missing");
  parts.timestamps.push_back(shared_instance().timestamp(parts.signature));
  CHECK(model.answer_to(parts) == "good");
}

TEST_CASE("a keyless certificate of another authority is refused", "[keyless][bad-input]") {
  const KeylessModel model;
  const SigstoreInstance other("evil.example");
  const MadeCertificate signer = other.signer();
  BundleParts parts = shared_instance().signed_by(signer, good_payload());
  parts.entries = {shared_instance().entry(parts, signer, Rekor::first)};
  CHECK(model.answer_to(parts) == "certificate_untrusted");
}

TEST_CASE("a root certificate inside a bundle is refused, others there are not used",
          "[keyless][bad-input]") {
  KeylessModel model;
  const SigstoreInstance other("evil.example");
  const auto with_chain = [&](const SigstoreInstance& instance, std::vector<Bytes> more) {
    BundleParts parts = instance.bundle(good_payload(), Rekor::first);
    parts.certificates.insert(parts.certificates.end(), more.begin(), more.end());
    model.scratch.put("simple.sig", parts.text());
    Findings findings;
    auto bundle = parse_bundle(parts.text(), findings, {.log_entries = true, .artifact = true});
    REQUIRE((bundle && *bundle));
    SignedContent content{pre_authentication(kPayloadType, parts.payload), parts.payload, {}};
    KeylessAnswer answer;
    verify_keyless({**bundle, content, model.root, model.request.identity}, answer, findings);
    return findings.good() ? "good" : std::string(to_string(findings.reasons.front().code));
  };
  const SigstoreInstance& own = shared_instance();
  CHECK(with_chain(own, {own.authority.der()}) == "good");
  CHECK(with_chain(own, {own.authority.der(), own.root.der()}) == "certificate_untrusted");
  model.root.logs.push_back(other.parsed_root().logs[0]);
  model.root.certificate_logs.push_back(other.parsed_root().certificate_logs[0]);
  CHECK(with_chain(other, {other.authority.der()}) == "certificate_untrusted");
}

TEST_CASE("a keyless certificate must have been published", "[keyless][bad-input]") {
  KeylessModel model;
  CHECK(model.answer_to(good_parts(Rekor::first, {.published = false})) ==
        "certificate_transparency");
  // The timestamp is of this log, by another key.
  const BundleParts parts = good_parts(Rekor::first);
  const SigstoreInstance other("evil.example");
  model.root.certificate_logs[0].key = other.parsed_root().certificate_logs[0].key;
  CHECK(model.answer_to(parts) == "certificate_transparency");
  model.root.certificate_logs.clear();
  CHECK(model.answer_to(parts) == "certificate_transparency");
}

TEST_CASE("a certificate timestamp is of its certificate only", "[keyless][bad-input]") {
  const KeylessModel model;
  // One certificate was published; its twin says another name with the same timestamp.
  MadeCertificate published = shared_instance().signer();
  MadeCertificate twin =
      shared_instance().signer({.names = "email:another@example.org", .published = false});
  const auto list = timestamp_list_of(published);
  extend(twin, "1.3.6.1.4.1.11129.2.4.2", list, shared_instance().authority);
  BundleParts parts = shared_instance().signed_by(twin, good_payload());
  parts.entries = {shared_instance().entry(parts, twin, Rekor::first)};
  CHECK(model.answer_to(parts) == "certificate_transparency");
}

TEST_CASE("a keyless certificate must be for code signing", "[keyless][bad-input]") {
  const KeylessModel model;
  CHECK(model.answer_to(good_parts(Rekor::first, {.usage = "serverAuth"})) == "certificate_usage");
}

TEST_CASE("a release statement of a keyless release is keyless, by the same identity",
          "[keyless][bad-input]") {
  KeylessModel model;
  ReleaseStatement release;
  release.subject = "simple";
  release.root = *from_hex(kRoot);
  release.manifest =
      strict_digest({{"signme-1", *from_hex(kDigest1)}, {"signme-2", *from_hex(kDigest2)}});
  const auto with = [&](const std::string& bundle) {
    model.request.release = model.scratch.put("it.sigstore.jsonl", bundle);
    return model.answer_to(good_parts(Rekor::second));
  };
  const auto signed_as = [&](const SignerWish& wish) {
    return shared_instance().bundle(release_text(release), Rekor::second, wish).text();
  };
  CHECK(with(signed_as({})) == "good");
  CHECK(with(signed_as({.names = "email:another@example.org"})) == "own_statement");
  CHECK(with(signed_bundle(release_text(release))) == "own_statement");
}

TEST_CASE("a keyless bundle is not verified as one with a key or a chain, nor the reverse",
          "[keyless][bad-input]") {
  KeylessModel model;
  const std::string keyless = good_parts(Rekor::first).text();
  CHECK(model.answer(signed_bundle(good_payload())) == "verification_material");
  model.request.trusted_root = nullptr;
  const PublicKey key = public_key();
  model.request.key = &key;
  CHECK(model.answer(keyless) == "verification_material");
  model.request.key = nullptr;
  const TrustAnchors anchors{{shared_instance().root.der()}};
  model.request.anchors = &anchors;
  CHECK(model.answer(keyless) == "verification_material");
}

}  // namespace wmk::sign::test
