#include "claims/arbitrate/trust_folder.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "sign/keys/timestamp.h"

namespace wmk::claims {

namespace {

namespace fs = std::filesystem;

constexpr size_t kKeysMax = 256;

Status read_authorities(const fs::path& folder, TrustFolder& out) {
  const fs::path anchors = folder / "tsa.pem", root = folder / "trusted_root.json";
  if (fs::exists(anchors)) {
    auto certificates = sign::read_certificates({anchors});
    if (!certificates) return std::move(certificates).error();
    out.authorities = sign::TrustAnchors{*std::move(certificates)};
  }
  if (fs::exists(root)) {
    auto read = sign::TrustedRoot::read(root);
    if (!read) return std::move(read).error();
    out.root = *std::move(read);
  }
  return {};
}

Status read_policy(const fs::path& file, TrustFolder& out) {
  if (!fs::exists(file)) return {};
  const auto text = read_text(file, kPolicyBytesMax);
  if (!text) return text.error();
  auto policy = Policy::parse(*text);
  if (!policy) return std::move(policy).error().within(escaped(file.string()));
  out.policy = *std::move(policy);
  return {};
}

}  // namespace

Result<std::vector<fs::path>> files_of(const fs::path& folder, std::string_view suffix,
                                       size_t count_max) {
  std::vector<fs::path> out;
  std::error_code failure;
  if (!fs::exists(folder, failure)) return out;
  fs::directory_iterator each(folder, failure);
  for (; !failure && each != fs::directory_iterator(); each.increment(failure)) {
    if (!each->path().string().ends_with(suffix) || !each->is_regular_file() ||
        each->is_symlink()) {
      continue;
    }
    if (out.size() == count_max) {
      return Error(ErrorCode::limit_exceeded,
                   cat(escaped(folder.string()), ": more than ", count_max, " files"));
    }
    out.push_back(each->path());
  }
  if (failure) {
    return Error(ErrorCode::io, cat(escaped(folder.string()), ": ", failure.message()));
  }
  std::ranges::sort(out);
  return out;
}

Result<TrustFolder> TrustFolder::read(const fs::path& folder) {
  auto files = files_of(folder / "keys", ".pem", kKeysMax);
  if (!files) return std::move(files).error();
  if (files->empty()) {
    return Error(ErrorCode::invalid_argument,
                 cat(escaped(folder.string()), ": has no keys/*.pem: nobody is trusted"))
        .with_hint("put the public keys of the parties there, from a source of your own");
  }
  TrustFolder out;
  for (const fs::path& file : *files) {
    auto key = sign::PublicKey::read(file);
    if (!key) return std::move(key).error();
    out.keys.push_back(*std::move(key));
    out.names.push_back(file.filename().string());
  }
  Status status = read_authorities(folder, out);
  if (status) status = read_policy(folder / "policy", out);
  if (!status) return std::move(status).error();
  return out;
}

const sign::PublicKey* TrustFolder::signer_of(const sign::Bundle& bundle) const {
  std::optional<sign::PublicKey> certified;
  if (bundle.material != sign::Bundle::Material::public_key && !bundle.certificates.empty()) {
    auto key = sign::certified_key(bundle.certificates.front(), "the certificate");
    if (key) certified = *std::move(key);
  }
  for (const sign::PublicKey& key : keys) {
    if (certified ? certified->equals(key) : bundle.hint == key.hint()) return &key;
  }
  return nullptr;
}

std::vector<TimeSource> TrustFolder::times_of(const sign::Bundle& bundle) const {
  std::vector<TimeSource> out;
  const auto add = [&](const Result<sign::ProvenTime>& time) {
    if (time) out.push_back({time->seconds, time->authority, time->key});
  };
  for (const Bytes& response : bundle.timestamps) {
    if (authorities) add(sign::proven_time(response, bundle.signature, *authorities));
    if (!root) continue;
    for (const sign::TrustedChain& each : root->timestamp_authorities) {
      const auto time = sign::proven_time_by(response, bundle.signature, each.certificates);
      if (time && each.valid.contains(time->seconds)) add(time);
    }
  }
  return out;
}

}  // namespace wmk::claims
