#include "sign/bundle/bundle.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/encoding.h"
#include "sign/bundle/json_fields.h"

namespace wmk::sign {

namespace {

using json::Kind;
using json::Value;

constexpr size_t kCertificatesMax = 16;
constexpr size_t kTimestampsMax = 16;
constexpr unsigned kDepthMax = 32;
constexpr uint64_t kValuesMax = 2'000'000;

bool is_malformed(Findings& findings, std::string text) {
  return findings.no(Code::bundle_malformed, std::move(text));
}

// Base64 in the member `key` of `object`.
std::optional<Bytes> bytes_member(const Value& object, std::string_view key, Findings& findings) {
  const auto text = text_member(object, key);
  auto bytes = text ? crypto::from_either_base64(*text) : std::nullopt;
  if (bytes && !bytes->empty()) return bytes;
  is_malformed(findings, cat("'", key, "' is not base64"));
  return std::nullopt;
}

bool read_public_key(const Value& key, Bundle& bundle, Findings& findings) {
  bundle.material = Bundle::Material::public_key;
  if (key.find("hint")) {
    const auto hint = text_member(key, "hint");
    if (!hint) return is_malformed(findings, "the key's hint is not a string");
    bundle.hint = *hint;
  }
  if (key.find("rawBytes")) {
    auto pem = bytes_member(key, "rawBytes", findings);
    if (!pem) return false;
    bundle.key_pem = as_text(*pem);
  }
  return true;
}

bool read_chain(const Value& chain, Bundle& bundle, Findings& findings) {
  bundle.material = Bundle::Material::certificates;
  const auto list = member(chain, "certificates", Kind::array);
  if (!list || list->size() == 0) return is_malformed(findings, "it contains no certificates");
  if (list->size() > kCertificatesMax) {
    return is_malformed(findings, cat("more than ", kCertificatesMax, " certificates"));
  }
  for (const Value certificate : *list) {
    auto der = bytes_member(certificate, "rawBytes", findings);
    if (!der) return false;
    bundle.certificates.push_back(std::move(*der));
  }
  return true;
}

bool read_timestamps(const Value& material, Bundle& bundle, Findings& findings) {
  const auto data = material.find("timestampVerificationData");
  if (!data || data->is(Kind::null)) return true;
  if (!data->is(Kind::object))
    return is_malformed(findings, "'timestampVerificationData' is not an object");
  const auto list = data->find("rfc3161Timestamps");
  if (!list) return true;
  if (!list->is(Kind::array) || list->size() > kTimestampsMax) {
    return is_malformed(findings,
                        cat("'rfc3161Timestamps' is not a list of at most ", kTimestampsMax));
  }
  for (const Value timestamp : *list) {
    auto der = bytes_member(timestamp, "signedTimestamp", findings);
    if (!der) return false;
    bundle.timestamps.push_back(std::move(*der));
  }
  return true;
}

bool read_material(const Value& material, Bundle& bundle, Findings& findings) {
  const auto wrong = [&](std::string text) {
    return findings.no(Code::verification_material, std::move(text));
  };
  const auto key = material.find("publicKey");
  const auto chain = material.find("x509CertificateChain");
  if (const auto odd = unknown_member(material, {"publicKey", "x509CertificateChain", "certificate",
                                                 "tlogEntries", "timestampVerificationData"})) {
    return is_malformed(findings, cat("an unknown member '", escaped(*odd), "'"));
  }
  if (material.find("certificate")) {
    return wrong("keyless Sigstore bundles are not supported");
  }
  if (key && chain) return wrong("the bundle names both a public key and certificates");
  if (!key && !chain) return wrong("the bundle names neither a public key nor certificates");
  if (!(key ? *key : *chain).is(Kind::object)) return wrong("the bundle's key is not an object");
  if (const auto log = material.find("tlogEntries")) {
    if (!log->is(Kind::array)) return is_malformed(findings, "'tlogEntries' is not a list");
    if (log->size() > 0) findings.note("transparency log entries are not checked");
  }
  return (key ? read_public_key(*key, bundle, findings) : read_chain(*chain, bundle, findings)) &&
         read_timestamps(material, bundle, findings);
}

bool read_envelope(const Value& envelope, Bundle& bundle, Findings& findings) {
  if (const auto odd = unknown_member(envelope, {"payload", "payloadType", "signatures"})) {
    return is_malformed(findings, cat("an unknown member '", escaped(*odd), "'"));
  }
  const auto type = text_member(envelope, "payloadType");
  if (type != kPayloadType) {
    return findings.no(Code::payload_type, cat("the payload's type must be ", kPayloadType));
  }
  auto payload = bytes_member(envelope, "payload", findings);
  if (!payload) return false;
  bundle.payload = as_text(*payload);
  const auto list = member(envelope, "signatures", Kind::array);
  if (!list || list->size() != 1) {
    return findings.no(Code::signature_count, "there must be exactly one signature");
  }
  const Value signature = *list->begin();
  if (!signature.is(Kind::object)) return is_malformed(findings, "the signature is not an object");
  if (const auto odd = unknown_member(signature, {"sig", "keyid"})) {
    return is_malformed(findings, cat("an unknown member '", escaped(*odd), "'"));
  }
  auto bytes = bytes_member(signature, "sig", findings);
  if (!bytes) return false;
  bundle.signature = std::move(*bytes);
  return true;
}

bool read_document(const Value& root, Bundle& bundle, Findings& findings) {
  if (!root.is(Kind::object)) return is_malformed(findings, "it is not a JSON object");
  if (text_member(root, "mediaType") != kMediaType) {
    return findings.no(Code::media_type, cat("the media type must be ", kMediaType));
  }
  if (const auto odd =
          unknown_member(root, {"mediaType", "verificationMaterial", "dsseEnvelope"})) {
    return is_malformed(findings, cat("an unknown member '", escaped(*odd), "'"));
  }
  const auto material = member(root, "verificationMaterial", Kind::object);
  const auto envelope = member(root, "dsseEnvelope", Kind::object);
  if (!material) return is_malformed(findings, "there is no 'verificationMaterial'");
  if (!envelope) return is_malformed(findings, "there is no 'dsseEnvelope'");
  return read_material(*material, bundle, findings) && read_envelope(*envelope, bundle, findings);
}

}  // namespace

json::Limits document_limits() {
  json::Limits limits;
  limits.bytes_max = kBundleBytesMax;
  limits.depth_max = kDepthMax;
  limits.values_max = kValuesMax;
  return limits;
}

Result<std::optional<Bundle>> parse_bundle(std::string text, Findings& findings) {
  auto document = json::Document::parse(std::move(text), document_limits());
  if (!document && document.error().code() == ErrorCode::duplicate_key) {
    findings.no(Code::duplicate_key, document.error().message());
    return std::optional<Bundle>();
  }
  if (!document) return std::move(document).error();
  Bundle bundle;
  if (!read_document(document->root(), bundle, findings)) return std::optional<Bundle>();
  return std::optional(std::move(bundle));
}

}  // namespace wmk::sign
