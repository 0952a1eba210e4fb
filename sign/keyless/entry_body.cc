#include "sign/keyless/entry_body.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>

#include "base/text.h"
#include "crypto/encoding.h"
#include "sign/bundle/bundle.h"
#include "sign/bundle/json_fields.h"
#include "sign/digest.h"
#include "sign/keyless/log_body.h"
#include "sign/keys/openssl.h"
#include "sign/keys/x509.h"

namespace wmk::sign {

namespace {

using json::Kind;
using json::Value;

bool is_same(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

// The member at the end of `path`; nullopt if one on the way is missing or not an object.
std::optional<Value> at_path(Value from, std::initializer_list<std::string_view> path) {
  for (const std::string_view key : path) {
    const auto next = from.is(Kind::object) ? from.find(key) : std::nullopt;
    if (!next) return std::nullopt;
    from = *next;
  }
  return from;
}

std::string text_at(const Value& from, std::initializer_list<std::string_view> path) {
  const auto found = at_path(from, path);
  return std::string(found ? found->string().value_or("") : "");
}

Bytes base64_at(const Value& from, std::initializer_list<std::string_view> path) {
  return crypto::from_base64(text_at(from, path)).value_or(Bytes());
}

// Whether the hash object at `path` is this SHA-256.
bool has_sha256(const Value& from, std::initializer_list<std::string_view> path, ByteView digest) {
  const auto hash = at_path(from, path);
  return hash && text_member(*hash, "algorithm") == "sha256" &&
         text_member(*hash, "value") == std::string_view(to_hex(digest));
}

// Whether the PEM is the signer's certificate or, without one, the signer's key.
bool is_signer(ByteView pem, const BundleSignature& signature) {
  if (signature.certificate.empty()) {
    const auto key = PublicKey::from_pem(as_text(pem), "the entry's key");
    return key && key->equals(signature.key);
  }
  const BioPointer bio = bio_over(pem);
  const CertificatePointer certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate && is_same(der_of(certificate.get()), signature.certificate);
}

// The only element of the list at `path`.
std::optional<Value> only_at(const Value& from, std::initializer_list<std::string_view> path) {
  const auto list = at_path(from, path);
  if (!list || !list->is(Kind::array) || list->size() != 1) return std::nullopt;
  return *list->begin();
}

// Each returns what differs, or nothing.
std::string_view hashedrekord_difference(const Value& spec, const BundleSignature& signature) {
  if (signature.content.message) return "kind";
  if (!has_sha256(spec, {"data", "hash"}, signature.content.sha256)) return "digest";
  if (!is_same(base64_at(spec, {"signature", "content"}), signature.signature)) return "signature";
  return is_signer(base64_at(spec, {"signature", "publicKey", "content"}), signature) ? ""
                                                                                      : "signer";
}

std::string_view dsse_difference(const Value& spec, const BundleSignature& signature) {
  const auto logged = only_at(spec, {"signatures"});
  if (!signature.content.message) return "kind";
  if (!has_sha256(spec, {"payloadHash"}, sha256(as_bytes(signature.content.payload)))) {
    return "digest";
  }
  if (!logged || !is_same(base64_at(*logged, {"signature"}), signature.signature)) {
    return "signature";
  }
  return is_signer(base64_at(*logged, {"verifier"}), signature) ? "" : "signer";
}

// The log has the signature in base64 twice.
std::string_view intoto_difference(const Value& spec, const BundleSignature& signature) {
  const auto logged = only_at(spec, {"content", "envelope", "signatures"});
  if (!signature.content.message) return "kind";
  if (!has_sha256(spec, {"content", "payloadHash"}, sha256(as_bytes(signature.content.payload))) ||
      text_at(spec, {"content", "envelope", "payloadType"}) != kPayloadType) {
    return "digest";
  }
  const Bytes inner = logged ? base64_at(*logged, {"sig"}) : Bytes();
  if (!is_same(crypto::from_base64(as_text(inner)).value_or(Bytes()), signature.signature)) {
    return "signature";
  }
  return is_signer(base64_at(*logged, {"publicKey"}), signature) ? "" : "signer";
}

std::string_view first_rekor_difference(const LogEntry& entry, const BundleSignature& signature) {
  const auto document = json::Document::parse(entry.body, document_limits());
  if (!document || text_member(document->root(), "kind") != entry.kind ||
      text_member(document->root(), "apiVersion") != entry.version) {
    return "kind";
  }
  const auto spec = member(document->root(), "spec", Kind::object);
  const std::string kind = cat(entry.kind, " ", entry.version);
  if (!spec) return "kind";
  if (kind == "hashedrekord 0.0.1") return hashedrekord_difference(*spec, signature);
  if (kind == "dsse 0.0.1") return dsse_difference(*spec, signature);
  return kind == "intoto 0.0.2" ? intoto_difference(*spec, signature) : "kind";
}

// The body of an honest entry is known to the byte.
std::string_view second_rekor_difference(const LogEntry& entry, const BundleSignature& signature) {
  const Bytes digest = signature.content.message
                           ? digest_for_key(signature.key, as_bytes(*signature.content.message))
                           : signature.content.sha256;
  return entry.body == hashedrekord_body(
                           {signature.key, signature.certificate, digest, signature.signature})
             ? ""
             : "body";
}

}  // namespace

bool BundleSignature::holds() const {
  return content.message ? key.verifies(as_bytes(*content.message), signature)
                         : key.verifies_sha256(content.sha256, signature);
}

bool is_of_second_rekor(const LogEntry& entry) {
  return entry.kind == "hashedrekord" && entry.version == "0.0.2";
}

bool is_about(const LogEntry& entry, const BundleSignature& signature, Findings& findings) {
  const std::string_view difference = is_of_second_rekor(entry)
                                          ? second_rekor_difference(entry, signature)
                                          : first_rekor_difference(entry, signature);
  if (difference.empty()) return true;
  return findings.no(Code::log_entry,
                     cat("the log's entry is not about this signature: another ", difference));
}

}  // namespace wmk::sign
