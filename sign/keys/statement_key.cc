#include "sign/keys/statement_key.h"

#include "sign/bundle/envelope.h"
#include "sign/digest.h"

namespace wmk::sign {

std::string statement_hint(const crypto::Ed25519PublicKey& key) {
  return to_hex(sha256(key.bytes()));
}

std::string statement_bundle(std::string payload, const crypto::Ed25519SecretKey& key) {
  Bundle bundle;
  bundle.payload = std::move(payload);
  bundle.signature = key.sign(as_bytes(pre_authentication(kPayloadType, bundle.payload)));
  bundle.hint = statement_hint(key.public_key());
  return bundle_text(bundle);
}

bool is_signed_by(const Bundle& bundle, const crypto::Ed25519PublicKey& key, Findings& findings) {
  if (bundle.material != Bundle::Material::public_key) {
    return findings.no(Code::verification_material, "it was signed with a certificate");
  }
  if (!bundle.key_pem.empty() || bundle.hint != statement_hint(key)) {
    return findings.no(Code::key_hint, "it names another key");
  }
  const std::string message = pre_authentication(kPayloadType, bundle.payload);
  return key.verifies(as_bytes(message), bundle.signature) ||
         findings.no(Code::signature_invalid, "the signature was not made by this key");
}

}  // namespace wmk::sign
