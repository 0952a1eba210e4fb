#include "claims/arbitrate/trust_folder.h"

#include <algorithm>
#include <map>

#include "base/file.h"
#include "base/text.h"
#include "sign/digest.h"
#include "sign/keys/timestamp.h"

namespace wmk::claims {

namespace {

namespace fs = std::filesystem;

Status read_authorities(const fs::path& folder, TrustFolder& out) {
  const fs::path anchors = folder / "tsa.pem", root = folder / "trusted_root.json";
  if (std::error_code failure; fs::exists(anchors, failure)) {
    auto certificates = sign::read_certificates({anchors});
    if (!certificates) return std::move(certificates).error();
    out.authorities = sign::TrustAnchors{*std::move(certificates)};
  }
  if (std::error_code failure; fs::exists(root, failure)) {
    auto read = sign::TrustedRoot::read(root);
    if (!read) return std::move(read).error();
    out.root = *std::move(read);
  }
  return {};
}

Status read_policy(const fs::path& file, TrustFolder& out) {
  if (std::error_code failure; !fs::exists(file, failure)) return {};
  const auto text = read_text(file, kPolicyBytesMax);
  if (!text) return text.error();
  auto policy = Policy::parse(*text);
  if (!policy) return std::move(policy).error().within(escaped(file.string()));
  out.policy = *std::move(policy);
  return {};
}

}  // namespace

Result<TrustFolder> TrustFolder::read(const fs::path& folder) {
  TrustFolder out;
  auto keys = read_trusted_keys(folder);
  if (!keys) return std::move(keys).error();
  out.keys = *std::move(keys);
  auto identities = read_identities(folder);
  if (!identities) return std::move(identities).error();
  out.identities = *std::move(identities);
  Status status = read_authorities(folder, out);
  if (status) status = read_policy(folder / "policy", out);
  if (!status) return std::move(status).error();
  if (!out.identities.empty() && !out.root) {
    return Error(ErrorCode::invalid_argument,
                 cat(escaped(folder.string()),
                     ": identities of the accused are known by a trusted_root.json only"));
  }
  return out;
}

bool TrustFolder::binds(Role role) const {
  return std::ranges::any_of(keys, [&](const TrustedKey& key) { return key.role == role; }) ||
         (role == Role::accused && !identities.empty());
}

bool TrustFolder::may_be(const TrustedKey& key, Role role) const {
  if (role == Role::none) return key.role != Role::claimant;
  return key.role == (binds(role) ? role : Role::none);
}

const TrustedKey* TrustFolder::signer_of(const sign::Bundle& bundle) const {
  std::optional<sign::PublicKey> certified;
  if (bundle.material != sign::Bundle::Material::public_key && !bundle.certificates.empty()) {
    auto key = sign::certified_key(bundle.certificates.front(), "the certificate");
    if (!key) return nullptr;
    certified = *std::move(key);
  }
  for (const TrustedKey& each : keys) {
    if (certified ? certified->equals(each.key) : bundle.hint == each.key.hint()) return &each;
  }
  return nullptr;
}

std::vector<TimeSource> TrustFolder::times_of(const sign::Bundle& bundle) const {
  std::vector<TimeSource> out;
  // Certificates inside a token are not signed: one authority could be shown under two roots.
  std::map<std::string, std::string> id_of_key;
  for (const Bytes& response : bundle.timestamps) {
    std::string id;
    const auto add = [&](const sign::ProvenTime& time) {
      out.push_back(
          {time.seconds, time.authority, id_of_key.try_emplace(time.key, id).first->second});
    };
    // An authority that the trusted root has is the same source by whatever list it is known.
    for (const sign::TrustedChain& each :
         root ? root->timestamp_authorities : std::vector<sign::TrustedChain>()) {
      const auto time = sign::proven_time_by(response, bundle.signature, each.certificates);
      if (!time) continue;
      id = operator_id(each.operator_name);
      if (each.valid.contains(time->seconds)) add(*time);
    }
    for (const Bytes& anchor : authorities ? authorities->certificates : std::vector<Bytes>()) {
      const auto time = sign::proven_time_under(response, bundle.signature, anchor, *authorities);
      if (!time) continue;
      if (id.empty()) id = cat("root:", to_hex(sign::sha256(anchor)));
      add(*time);
      break;
    }
  }
  return out;
}

}  // namespace wmk::claims
