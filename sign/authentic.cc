#include "sign/authentic.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "crypto/encoding.h"
#include "sign/bundle/envelope.h"
#include "sign/digest.h"

namespace wmk::sign {

namespace {

// Adds proven and claimed times to `verification`.
void read_timestamps(const Bundle& bundle, const VerifyRequest& request,
                     Verification& verification) {
  for (const Bytes& response : bundle.timestamps) {
    std::string why = "no timestamp authority was named (--tsa-ca)";
    if (request.authorities != nullptr) {
      auto proven = proven_time(response, bundle.signature, *request.authorities);
      if (proven) {
        verification.proven.push_back(std::move(*proven));
        continue;
      }
      why = proven.error().message();
    }
    const auto claimed = claimed_time(response);
    if (claimed) verification.claimed.push_back(*claimed);
    verification.findings.note(cat("a timestamp is not trusted: ", why));
  }
  std::ranges::sort(verification.proven, {}, &ProvenTime::seconds);
  std::set<std::string_view> authorities;
  for (const ProvenTime& time : verification.proven) authorities.insert(time.key);
  if (authorities.size() < request.timestamps_required) {
    verification.findings.no(Code::timestamp_missing,
                             cat(authorities.size(), " of ", request.timestamps_required,
                                 " required timestamps by different authorities"));
  }
}

bool names_key(const Bundle& bundle, const PublicKey& key, Findings& findings) {
  if (!bundle.certificates.empty()) {
    const auto certified = certified_key(bundle.certificates.front(), "the certificate");
    if (!certified || !certified->equals(key)) {
      return findings.no(Code::key_hint, "the bundle's certificate is of another key");
    }
  } else if (!bundle.key_pem.empty()) {
    const auto carried = PublicKey::from_pem(bundle.key_pem, "the bundle's key");
    if (!carried || !carried->equals(key)) {
      return findings.no(Code::key_hint, "the bundle contains another public key");
    }
  } else if (bundle.hint.empty()) {
    findings.note("the bundle does not name the key that signed it");
  } else if (bundle.hint != key.hint() &&
             bundle.hint != crypto::to_base64(sha256(key.der()))) {  // as other tools write it
    return findings.no(Code::key_hint,
                       cat("the bundle names another key, ", escaped(bundle.hint).substr(0, 16),
                           "..., not ", key.hint().substr(0, 16), "..."));
  }
  return true;
}

bool is_signed_by(const Bundle& bundle, const PublicKey& key, bool legacy, Findings& findings) {
  const std::string message = legacy ? legacy_pre_authentication(kPayloadType, bundle.payload)
                                     : pre_authentication(kPayloadType, bundle.payload);
  if (key.verifies(as_bytes(message), bundle.signature,
                   legacy ? SignatureDigest::sha256 : SignatureDigest::of_curve)) {
    return true;
  }
  return findings.no(Code::signature_invalid, "the signature was not made by this key");
}

bool by_certificate(const Bundle& bundle, const VerifyRequest& request,
                    Verification& verification) {
  auto view = view_certificate(bundle.certificates.front());
  if (!view) return verification.findings.no(Code::certificate_malformed, view.error().message());
  verification.signer = std::move(*view);
  ChainRequest chain{bundle.certificates, *request.anchors, request.expected, {}};
  for (const ProvenTime& time : verification.proven) chain.times.push_back(time.seconds);
  const auto key = trusted_key(chain, verification.findings);
  if (!key) return false;
  verification.key_hint = key->hint();
  return is_signed_by(bundle, *key, request.legacy, verification.findings);
}

bool by_key(const Bundle& bundle, const VerifyRequest& request, Verification& verification) {
  verification.key_hint = request.key->hint();
  return names_key(bundle, *request.key, verification.findings) &&
         is_signed_by(bundle, *request.key, request.legacy, verification.findings);
}

bool by_trusted_root(const Bundle& bundle, const VerifyRequest& request,
                     Verification& verification) {
  if (request.key != nullptr && !names_key(bundle, *request.key, verification.findings)) {
    return false;
  }
  SignedContent content;
  if (bundle.plain) {
    content.sha256 = verification.artifact->sha256;
  } else {
    content.message = pre_authentication(kPayloadType, bundle.payload);
    content.payload = bundle.payload;
  }
  KeylessRequest asked{bundle, content, *request.trusted_root, request.identity, request.key};
  asked.times_required = std::max(1U, request.timestamps_required);
  asked.logs_required = request.logs_required;
  KeylessAnswer answer;
  const bool good = verify_keyless(asked, answer, verification.findings);
  verification.signer = std::move(answer.signer);
  verification.identity_issuer = std::move(answer.issuer);
  verification.key_hint = std::move(answer.key_hint);
  verification.proven = std::move(answer.proven);
  verification.claimed = std::move(answer.claimed);
  verification.entries = std::move(answer.entries);
  return good;
}

// The method that the user chose must be the bundle's.
bool is_method(const Bundle& bundle, const VerifyRequest& request, Findings& findings) {
  using Material = Bundle::Material;
  const Material wanted = request.key != nullptr            ? Material::public_key
                          : request.trusted_root != nullptr ? Material::keyless
                                                            : Material::certificates;
  if (bundle.material == wanted) return true;
  if (request.key != nullptr && request.key_in_certificate &&
      bundle.material == Material::certificates) {
    return true;
  }
  std::string_view found = "the bundle was signed with a plain key, not a certificate";
  if (bundle.material == Material::keyless) {
    found = "the bundle was signed without a long-lived key";
  } else if (bundle.material == Material::certificates) {
    found = wanted == Material::keyless
                ? "the bundle was signed with a long-lived certificate"
                : "the bundle was signed with a certificate, not a plain key";
  }
  return findings.no(Code::verification_material, std::string(found));
}

}  // namespace

BundleUse use_of(const VerifyRequest& request) {
  return {.log_entries = request.trusted_root != nullptr, .artifact = false};
}

bool is_authentic(const Bundle& bundle, const VerifyRequest& request, Verification& verification) {
  verification.material = bundle.material;
  if (!is_method(bundle, request, verification.findings)) return false;
  if (request.trusted_root != nullptr) return by_trusted_root(bundle, request, verification);
  read_timestamps(bundle, request, verification);
  return request.key != nullptr ? by_key(bundle, request, verification)
                                : by_certificate(bundle, request, verification);
}

}  // namespace wmk::sign
