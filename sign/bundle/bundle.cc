#include "sign/bundle/bundle.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/encoding.h"
#include "sign/bundle/json_fields.h"
#include "sign/bundle/key_material.h"

namespace wmk::sign {

namespace {

using json::Kind;
using json::Value;

constexpr unsigned kDepthMax = 32;
constexpr uint64_t kValuesMax = 2'000'000;

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

// A signature over an artifact. Its digest is a hint, which is compared with the artifact's.
bool read_plain(const Value& message, Bundle& bundle, Findings& findings) {
  bundle.plain = true;
  auto signature = bytes_member(message, "signature", findings);
  if (!signature) return false;
  bundle.signature = std::move(*signature);
  const auto digest = member(message, "messageDigest", Kind::object);
  if (!digest) return true;
  auto bytes = bytes_member(*digest, "digest", findings);
  if (!bytes) return false;
  if (text_member(*digest, "algorithm") != "SHA2_256") {
    return is_malformed(findings, "the artifact's digest is not SHA2_256");
  }
  bundle.artifact_digest = std::move(*bytes);
  return true;
}

bool is_known_media_type(std::optional<std::string_view> text, const BundleUse& use) {
  if (text == kMediaType) return true;
  constexpr std::string_view kOlder = "application/vnd.dev.sigstore.bundle+json;version=0.";
  if (!use.artifact || !text || !text->starts_with(kOlder)) return false;
  const std::string_view version = text->substr(kOlder.size());
  return version == "1" || version == "2" || version == "3";
}

bool read_document(const Value& root, const BundleUse& use, Bundle& bundle, Findings& findings) {
  if (!root.is(Kind::object)) return is_malformed(findings, "it is not a JSON object");
  if (!is_known_media_type(text_member(root, "mediaType"), use)) {
    return findings.no(Code::media_type, cat("the media type must be ", kMediaType));
  }
  const auto odd = unknown_member(
      root, {"mediaType", "verificationMaterial", "dsseEnvelope", "messageSignature"});
  if (odd) return is_malformed(findings, cat("an unknown member '", escaped(*odd), "'"));
  const auto material = member(root, "verificationMaterial", Kind::object);
  const auto envelope = member(root, "dsseEnvelope", Kind::object);
  const auto message = member(root, "messageSignature", Kind::object);
  if (!material) return is_malformed(findings, "there is no 'verificationMaterial'");
  if (message && !use.artifact) {
    return is_malformed(findings, "it is about one artifact, not about a model");
  }
  if (message && envelope) return is_malformed(findings, "it has two signatures");
  if (!message && !envelope) return is_malformed(findings, "there is no 'dsseEnvelope'");
  return read_material(*material, use, bundle, findings) &&
         (message ? read_plain(*message, bundle, findings)
                  : read_envelope(*envelope, bundle, findings));
}

}  // namespace

json::Limits document_limits() {
  json::Limits limits;
  limits.bytes_max = kBundleBytesMax;
  limits.depth_max = kDepthMax;
  limits.values_max = kValuesMax;
  return limits;
}

Result<std::optional<Bundle>> parse_bundle(std::string text, Findings& findings,
                                           const BundleUse& use) {
  auto document = json::Document::parse(std::move(text), document_limits());
  if (!document && document.error().code() == ErrorCode::duplicate_key) {
    findings.no(Code::duplicate_key, document.error().message());
    return std::optional<Bundle>();
  }
  if (!document) return std::move(document).error();
  Bundle bundle;
  if (!read_document(document->root(), use, bundle, findings)) return std::optional<Bundle>();
  return std::optional(std::move(bundle));
}

}  // namespace wmk::sign
