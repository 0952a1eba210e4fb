#include "claims/log/bundle_entry.h"

#include "base/text.h"
#include "sign/bundle/envelope.h"
#include "sign/keyless/log_body.h"
#include "sign/keys/certificate.h"

namespace wmk::claims {

namespace {

std::optional<std::string> signed_entry(const sign::Bundle& bundle, const sign::PublicKey& key,
                                        ByteView certificate, sign::Findings& findings) {
  const std::string message = sign::pre_authentication(sign::kPayloadType, bundle.payload);
  if (!key.verifies(as_bytes(message), bundle.signature)) {
    findings.no(sign::Code::signature_invalid, "the signature was not made by this key");
    return std::nullopt;
  }
  const Bytes digest = sign::digest_for_key(key, as_bytes(message));
  return sign::hashedrekord_body({key, certificate, digest, bundle.signature});
}

}  // namespace

std::optional<std::string> bundle_entry(const sign::Bundle& bundle, const sign::PublicKey* key,
                                        sign::Findings& findings) {
  if (bundle.material != sign::Bundle::Material::public_key) {
    const auto certified = sign::certified_key(bundle.certificates.front(), "the certificate");
    if (certified) return signed_entry(bundle, *certified, bundle.certificates.front(), findings);
    findings.no(sign::Code::certificate_malformed, certified.error().message());
    return std::nullopt;
  }
  if (key == nullptr) {
    findings.no(sign::Code::key_hint, "it names its key, but does not contain it");
    return std::nullopt;
  }
  if (!bundle.hint.empty() && bundle.hint != key->hint()) {
    findings.no(sign::Code::key_hint, "it names another key");
    return std::nullopt;
  }
  return signed_entry(bundle, *key, {}, findings);
}

std::optional<crypto::TreeHash> bundle_leaf(const sign::Bundle& bundle,
                                            const sign::PublicKey* key) {
  sign::Findings ignored;
  const auto entry = bundle_entry(bundle, key, ignored);
  if (!entry) return std::nullopt;
  return crypto::tree_leaf(as_bytes(*entry));
}

}  // namespace wmk::claims
