#include "tests/unit/keyless/made_instance.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/text.h"
#include "crypto/encoding.h"
#include "crypto/note.h"
#include "sign/bundle/bundle.h"
#include "sign/bundle/envelope.h"
#include "sign/digest.h"
#include "sign/keyless/log_body.h"
#include "sign/keys/certificate.h"

namespace wmk::sign::test {

namespace {

constexpr int64_t kYear = 365 * 24 * 3600;
constexpr int64_t kStart = kSigningTime - kYear;
constexpr const char* kListExtension = "1.3.6.1.4.1.11129.2.4.2";

MadeCertificate authority_by(const std::string& name, const MadeCertificate* issuer) {
  return issue({name,
                kStart,
                10 * kYear,
                {{"basicConstraints", "critical,CA:TRUE"}, {"keyUsage", "critical,keyCertSign"}}},
               p256_key(), issuer);
}

void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void append(Bytes& out, uint64_t value, size_t bytes) {
  while (bytes-- > 0) out.push_back(static_cast<std::byte>(value >> (8 * bytes)));
}

// Behind its length.
Bytes tls_vector(ByteView bytes, size_t length_bytes = 2) {
  Bytes out;
  append(out, bytes.size(), length_bytes);
  append(out, bytes);
  return out;
}

std::string base64(ByteView bytes) { return crypto::to_base64(bytes); }

std::string der_text(std::string_view text) {
  std::string out = cat("DER:0C:", to_hex(static_cast<unsigned char>(text.size())));
  for (const char c : text) out += cat(":", to_hex(static_cast<unsigned char>(c)));
  return out;
}

std::string json_of(const LogEntry& entry) {
  std::string out =
      cat(R"({"logIndex":")", entry.index, R"(","logId":{"keyId":")", base64(entry.log_id),
          R"("},"kindVersion":{"kind":")", entry.kind, R"(","version":")", entry.version,
          R"("},"canonicalizedBody":")", base64(as_bytes(entry.body)), R"(")");
  if (entry.time != 0) out += cat(R"(,"integratedTime":")", entry.time, R"(")");
  if (!entry.promise.empty()) {
    out += cat(R"(,"inclusionPromise":{"signedEntryTimestamp":")", base64(entry.promise), R"("})");
  }
  if (entry.proof) {
    std::string hashes;
    for (const auto& hash : entry.proof->path) {
      hashes += cat(hashes.empty() ? "" : ",", R"(")", base64(hash), R"(")");
    }
    out +=
        cat(R"(,"inclusionProof":{"logIndex":")", entry.proof->index, R"(","treeSize":")",
            entry.proof->size, R"(","rootHash":")", base64(entry.proof->root), R"(","hashes":[)",
            hashes, R"(],"checkpoint":{"envelope":)", json::quoted(entry.proof->checkpoint), "}}");
  }
  return out + "}";
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += cat(out.empty() ? "" : ",", item);
  return out;
}

std::string raw_bytes(ByteView bytes) { return cat(R"({"rawBytes":")", base64(bytes), R"("})"); }

std::string first_body(const BundleParts& parts, const std::string& pem) {
  return cat(R"({"apiVersion":"0.0.1","kind":"dsse","spec":{"envelopeHash":{"algorithm":"sha256",)",
             R"("value":"00"},"payloadHash":{"algorithm":"sha256","value":")",
             to_hex(sha256(as_bytes(parts.payload))), R"("},"signatures":[{"signature":")",
             base64(parts.signature), R"(","verifier":")", base64(as_bytes(pem)), R"("}]}})");
}

std::string pem_of(ByteView der) {
  const std::string text = base64(der);
  std::string out = "-----BEGIN CERTIFICATE-----\n";
  for (size_t at = 0; at < text.size(); at += 64) out += text.substr(at, 64) + "\n";
  return out + "-----END CERTIFICATE-----\n";
}

}  // namespace

std::string BundleParts::text() const {
  std::vector<std::string> chain, log, times;
  for (const Bytes& der : certificates) chain.push_back(raw_bytes(der));
  for (const LogEntry& entry : entries) log.push_back(json_of(entry));
  for (const Bytes& der : timestamps) {
    times.push_back(cat(R"({"signedTimestamp":")", base64(der), R"("})"));
  }
  std::string material = cat(R"("publicKey":{"hint":")", hint, R"("})");
  if (chain.size() == 1) material = cat(R"("certificate":)", chain.front());
  if (chain.size() > 1) {
    material = cat(R"("x509CertificateChain":{"certificates":[)", joined(chain), "]}");
  }
  return cat(R"({"mediaType":")", kMediaType, R"(","verificationMaterial":{)", material,
             R"(,"tlogEntries":[)", joined(log), R"(],"timestampVerificationData":)",
             R"({"rfc3161Timestamps":[)", joined(times), R"(]}},"dsseEnvelope":{"payload":")",
             base64(as_bytes(payload)), R"(","payloadType":")", kPayloadType,
             R"(","signatures":[{"sig":")", base64(signature), R"("}]}})");
}

SigstoreInstance::SigstoreInstance(const std::string& at)
    : domain(at),
      root(authority_by(at + " root", nullptr)),
      authority(authority_by(at + " authority", &root)),
      timestamp_root(authority_by(at + " timestamp root", nullptr)),
      timestamp_authority(issue({at + " timestamps",
                                 kStart,
                                 10 * kYear,
                                 {{"basicConstraints", "critical,CA:FALSE"},
                                  {"keyUsage", "critical,digitalSignature"},
                                  {"extendedKeyUsage", "critical,timeStamping"}}},
                                p256_key(), &timestamp_root)),
      certificate_log(p256_key()),
      first_rekor(p256_key()),
      second_rekor(ed25519_key()) {}

MadeCertificate SigstoreInstance::signer(const SignerWish& wish) const {
  MadeCertificate out = issue({"",
                               wish.start,
                               600,
                               {{"basicConstraints", "critical,CA:FALSE"},
                                {"keyUsage", "critical,digitalSignature"},
                                {"extendedKeyUsage", wish.usage},
                                {"subjectAltName", "critical," + wish.names},
                                {"1.3.6.1.4.1.57264.1.8", der_text(wish.provider)}}},
                              p256_key(), &authority);
  if (!wish.published) return out;
  Bytes time, message, stamp;
  append(time, static_cast<uint64_t>(wish.start) * 1000, 8);
  append(message, 0, 2);  // version 1, a certificate timestamp
  append(message, time);
  append(message, 1, 2);  // of a certificate before it is issued
  append(message, sha256(public_der(authority.key)));
  append(message, tls_vector(signed_part(out), 3));
  append(message, 0, 2);  // no extensions
  append(stamp, 0, 1);
  append(stamp, sha256(public_der(certificate_log)));
  append(stamp, time);
  append(stamp, 0, 2);
  append(stamp, 0x0403, 2);  // SHA-256, ECDSA
  append(stamp, tls_vector(sign_with(certificate_log, message)));
  const Bytes list = tls_vector(tls_vector(stamp));
  Bytes octet_string;
  append(octet_string, 4, 1);
  append(octet_string, list.size(), 1);
  append(octet_string, list);
  REQUIRE(list.size() < 128);  // the short form of a length
  extend(out, kListExtension, octet_string, authority);
  return out;
}

BundleParts SigstoreInstance::signed_by(const MadeCertificate& signer,
                                        const std::string& payload) const {
  BundleParts out;
  out.payload = payload;
  out.signature = sign_with(signer.key, as_bytes(pre_authentication(kPayloadType, payload)));
  out.certificates = {signer.der()};
  return out;
}

LogEntry SigstoreInstance::entry(const BundleParts& parts, const MadeCertificate& signer,
                                 Rekor rekor) const {
  LogEntry out;
  const Bytes der = signer.der();
  if (rekor == Rekor::first) {
    out.kind = "dsse";
    out.version = "0.0.1";
    out.time = kSigningTime;
    out.body = first_body(parts, pem_of(der));
  } else {
    const auto key = certified_key(der, "the signer");
    REQUIRE(key);
    out.kind = "hashedrekord";
    out.version = "0.0.2";
    const Bytes digest =
        digest_for_key(*key, as_bytes(pre_authentication(kPayloadType, parts.payload)));
    out.body = hashedrekord_body({*key, der, digest, parts.signature});
  }
  enter(out, rekor);
  return out;
}

void SigstoreInstance::enter(LogEntry& entry, Rekor rekor) const {
  const bool first = rekor == Rekor::first;
  const std::string name = cat(first ? "rekor." : "log2.", domain);
  const KeyPointer& key = first ? first_rekor : second_rekor;
  const Bytes der = public_der(key);
  const Bytes id = LogKey::from_der(der)->note_id(name);
  entry.log_id = first ? sha256(der) : id;
  std::vector<crypto::TreeHash> leaves;
  for (size_t i = 0; i < 11; ++i) leaves.push_back(crypto::tree_leaf(as_bytes(cat("other ", i))));
  const uint64_t place = 5;
  leaves[place] = crypto::tree_leaf(as_bytes(entry.body));
  const crypto::TreeHash head = crypto::tree_root(leaves);
  entry.index = first ? 1'000'000 + place : place;  // v1 counts through several trees
  entry.proof = InclusionProof{place,
                               leaves.size(),
                               Bytes(head.begin(), head.end()),
                               crypto::inclusion_path(leaves, place),
                               {}};
  const std::string text =
      crypto::checkpoint_text({first ? name + " - 12345" : name, {leaves.size(), head}, {}});
  crypto::NoteSignature line{name, {}, sign_with(key, as_bytes(text))};
  std::copy_n(id.begin(), line.id.size(), line.id.begin());
  entry.proof->checkpoint = cat(text, "\n", crypto::note_signature_line(line));
  if (!first) return;
  entry.promise =
      sign_with(key, as_bytes(cat(R"({"body":")", base64(as_bytes(entry.body)),
                                  R"(","integratedTime":)", entry.time, R"(,"logID":")",
                                  to_hex(entry.log_id), R"(","logIndex":)", entry.index, "}")));
}

BundleParts SigstoreInstance::bundle(const std::string& payload, Rekor rekor,
                                     const SignerWish& wish) const {
  const MadeCertificate made = signer(wish);
  BundleParts out = signed_by(made, payload);
  out.entries = {entry(out, made, rekor)};
  if (rekor == Rekor::second) out.timestamps = {timestamp(out.signature)};
  return out;
}

Bytes SigstoreInstance::timestamp(ByteView signature, int64_t time) const {
  return timestamp_by(timestamp_authority, signature, time);
}

std::string SigstoreInstance::trusted_root() const {
  const std::string valid = R"("validFor":{"start":"2024-01-01T00:00:00Z"})";
  const auto log = [&](std::string_view name, const KeyPointer& key, const Bytes& id) {
    return cat(R"({"baseUrl":"https://)", name, ".", domain, R"(/","publicKey":{"rawBytes":")",
               base64(public_der(key)), R"(",)", valid, R"(},"logId":{"keyId":")", base64(id),
               R"("}})");
  };
  const auto chain = [&](std::string_view name, const MadeCertificate& first,
                         const MadeCertificate& last) {
    return cat(R"({"uri":"https://)", name, ".", domain, R"(","certChain":{"certificates":[)",
               raw_bytes(first.der()), ",", raw_bytes(last.der()), "]},", valid, "}");
  };
  const Bytes second_id = LogKey::from_der(public_der(second_rekor))->note_id(cat("log2.", domain));
  return cat(R"({"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1",)",
             R"("tlogs":[)", log("rekor", first_rekor, sha256(public_der(first_rekor))), ",",
             log("log2", second_rekor, second_id), R"(],"certificateAuthorities":[)",
             chain("fulcio", authority, root), R"(],"ctlogs":[)",
             log("ct", certificate_log, sha256(public_der(certificate_log))),
             R"(],"timestampAuthorities":[)",
             chain("timestamp", timestamp_authority, timestamp_root), "]}");
}

TrustedRoot SigstoreInstance::parsed_root() const {
  auto out = TrustedRoot::parse(trusted_root());
  REQUIRE(out);
  return std::move(*out);
}

}  // namespace wmk::sign::test
