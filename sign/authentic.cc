#include "sign/authentic.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "sign/bundle/envelope.h"

namespace wmk::sign {

namespace {

// What the tokens prove goes to `verdict`; what they only say, too.
void read_timestamps(const Bundle& bundle, const VerifyRequest& request, Verdict& verdict) {
  for (const Bytes& response : bundle.timestamps) {
    std::string why = "no authority was named (--tsa-ca)";
    if (request.authorities != nullptr) {
      auto proven = proven_time(response, bundle.signature, *request.authorities);
      if (proven) {
        verdict.proven.push_back(std::move(*proven));
        continue;
      }
      why = proven.error().message();
    }
    const auto claimed = claimed_time(response);
    if (claimed) verdict.claimed.push_back(*claimed);
    verdict.findings.note(cat("a timestamp proves nothing: ", why));
  }
  std::ranges::sort(verdict.proven, {}, &ProvenTime::seconds);
  std::set<std::string_view> authorities;
  for (const ProvenTime& time : verdict.proven) authorities.insert(time.key);
  if (authorities.size() < request.timestamps_wanted) {
    verdict.findings.no(Code::timestamp_missing,
                        cat(authorities.size(), " of ", request.timestamps_wanted,
                            " timestamps wanted by different authorities"));
  }
}

bool has_right_hint(const Bundle& bundle, const PublicKey& key, Findings& findings) {
  if (!bundle.key_pem.empty()) {
    const auto told = PublicKey::from_pem(bundle.key_pem, "the bundle's key");
    if (!told || !told->equals(key)) {
      return findings.no(Code::key_hint, "the bundle carries another public key");
    }
  } else if (bundle.hint.empty()) {
    findings.note("the bundle does not say which key it was signed with");
  } else if (bundle.hint != key.hint()) {
    return findings.no(Code::key_hint, cat("the bundle says that it was signed by another key, ",
                                           escaped(bundle.hint).substr(0, 16), "..., not by ",
                                           key.hint().substr(0, 16), "..."));
  }
  return true;
}

bool is_signed_by(const Bundle& bundle, const PublicKey& key, bool legacy, Findings& findings) {
  const std::string message = legacy ? legacy_pre_authentication(kPayloadType, bundle.payload)
                                     : pre_authentication(kPayloadType, bundle.payload);
  if (key.verifies(as_bytes(message), bundle.signature,
                   legacy ? Digest::sha256 : Digest::of_curve)) {
    return true;
  }
  return findings.no(Code::signature_invalid, "the signature is not that of the key");
}

bool by_certificate(const Bundle& bundle, const VerifyRequest& request, Verdict& verdict) {
  auto view = view_certificate(bundle.certificates.front());
  if (!view) return verdict.findings.no(Code::certificate_malformed, view.error().message());
  verdict.signer = std::move(*view);
  ChainQuestion question{bundle.certificates, *request.anchors, request.wanted, {}};
  for (const ProvenTime& time : verdict.proven) question.times.push_back(time.seconds);
  const auto key = trusted_key(question, verdict.findings);
  if (!key) return false;
  verdict.key_hint = key->hint();
  return is_signed_by(bundle, *key, request.legacy, verdict.findings);
}

bool by_key(const Bundle& bundle, const VerifyRequest& request, Verdict& verdict) {
  verdict.key_hint = request.key->hint();
  return has_right_hint(bundle, *request.key, verdict.findings) &&
         is_signed_by(bundle, *request.key, request.legacy, verdict.findings);
}

}  // namespace

bool is_authentic(const Bundle& bundle, const VerifyRequest& request, Verdict& verdict) {
  const bool wants_key = request.key != nullptr;
  if (wants_key != (bundle.material == Bundle::Material::public_key)) {
    return verdict.findings.no(Code::verification_material,
                               wants_key
                                   ? "the bundle was signed with a certificate, not a bare key"
                                   : "the bundle was signed with a bare key, no certificate");
  }
  read_timestamps(bundle, request, verdict);
  return wants_key ? by_key(bundle, request, verdict) : by_certificate(bundle, request, verdict);
}

}  // namespace wmk::sign
