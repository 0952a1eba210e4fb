#include "claims/arbitrate/trusted_keys.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "sign/keys/certificate.h"

namespace wmk::claims {

namespace {

namespace fs = std::filesystem;

constexpr size_t kKeysMax = 256, kIdentitiesMax = 64;
constexpr uint64_t kTrustFileBytesMax = 64 << 10;
constexpr std::string_view kIdentitiesFile = "accused.identities";

Role role_of(std::string_view file) {
  for (const Role role : {Role::claimant, Role::accused}) {
    if (lower_case(file).starts_with(to_string(role))) return role;
  }
  return Role::none;
}

Result<TrustedKey> key_of_certificate(const fs::path& file) {
  const std::string name = escaped(file.string());
  const auto certificates = sign::read_certificates({file});
  if (!certificates) return certificates.error();
  if (certificates->size() != 1) {
    return malformed(cat(name, ": has ", certificates->size(), " certificates"))
        .with_hint("keep the party's own certificate, without those of its authorities");
  }
  const auto view = sign::view_certificate(certificates->front());
  if (!view) return Error(view.error()).within(name);
  auto key = sign::certified_key(certificates->front(), name);
  if (!key) return std::move(key).error();
  return TrustedKey{{}, Role::none, *std::move(key), view->subject};
}

Result<TrustedKey> read_trusted_key(const fs::path& file) {
  const auto text = read_text(file, kTrustFileBytesMax);
  if (!text) return text.error();
  const bool has_certificate = text->find("-----BEGIN CERTIFICATE-----") != std::string::npos;
  if (has_certificate && text->find("-----BEGIN PUBLIC KEY-----") != std::string::npos) {
    return malformed(cat(escaped(file.string()), ": has a public key and a certificate"))
        .with_hint("keep one of them: it is not clear which one is the party's");
  }
  if (has_certificate) return key_of_certificate(file);
  auto key = sign::PublicKey::from_pem(*text, escaped(file.string()));
  if (!key) return std::move(key).error();
  return TrustedKey{{}, Role::none, *std::move(key)};
}

// A key that is bound to one party must not count as anybody else's.
Status check_roles(const std::vector<TrustedKey>& keys) {
  for (size_t i = 0; i < keys.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (keys[i].role == keys[j].role || keys[i].key.hint() != keys[j].key.hint()) continue;
      return Error(ErrorCode::invalid_argument,
                   cat(keys[j].name(), " and ", keys[i].name(), ": one key in two roles"));
    }
  }
  return {};
}

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r";
  std::vector<std::string_view> out;
  for (size_t at = line.find_first_not_of(kBlanks); at != line.npos;) {
    const size_t end = std::min(line.find_first_of(kBlanks, at), line.size());
    out.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(kBlanks, end);
  }
  return out;
}

}  // namespace

std::string_view to_string(Role role) {
  return role == Role::claimant ? "claimant" : role == Role::accused ? "accused" : "";
}

std::string TrustedKey::name() const {
  const std::string path = cat("keys/", escaped(file));
  return subject.empty() ? path : cat(path, " (certificate of ", escaped(subject), ")");
}

Result<std::vector<fs::path>> files_of(const fs::path& folder, std::string_view suffix,
                                       size_t count_max, OtherKinds others) {
  std::vector<fs::path> out;
  std::error_code failure;
  if (!fs::exists(folder, failure)) return out;
  fs::directory_iterator each(folder, failure);
  for (; !failure && each != fs::directory_iterator(); each.increment(failure)) {
    if (!each->path().string().ends_with(suffix)) continue;
    const bool is_plain = each->symlink_status(failure).type() == fs::file_type::regular;
    if (!is_plain && others == OtherKinds::left_out) continue;
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

Result<std::vector<TrustedKey>> read_trusted_keys(const fs::path& trust) {
  // A key that was silently left out would leave its party unbound.
  const auto files = files_of(trust / "keys", ".pem", kKeysMax, OtherKinds::listed);
  if (!files) return files.error();
  if (files->empty()) {
    return Error(ErrorCode::invalid_argument,
                 cat(escaped(trust.string()), ": has no keys/*.pem: nobody is trusted"))
        .with_hint("put the parties' public keys there, named .pem, from a source of your own");
  }
  std::vector<TrustedKey> out;
  for (const fs::path& file : *files) {
    auto key = read_trusted_key(file);
    if (!key) return std::move(key).error();
    key->file = file.filename().string();
    key->role = role_of(key->file);
    out.push_back(*std::move(key));
  }
  if (auto status = check_roles(out); !status) return std::move(status).error();
  return out;
}

Result<std::vector<sign::ExpectedIdentity>> read_identities(const fs::path& trust) {
  const fs::path file = trust / kIdentitiesFile;
  std::vector<sign::ExpectedIdentity> out;
  std::error_code failure;
  // A link to nowhere is there, and cannot be read.
  if (fs::symlink_status(file, failure).type() == fs::file_type::not_found) return out;
  const auto text = read_text(file, kTrustFileBytesMax);
  if (!text) return text.error();
  size_t number = 0;
  for (std::string_view rest = *text; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const auto words = words_of(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++number;
    if (words.empty() || words.front().starts_with('#')) continue;
    if (words.size() != 2 || out.size() == kIdentitiesMax) {
      return malformed(cat(escaped(file.string()), ": line ", number,
                           words.size() != 2 ? " is not an identity and its provider"
                                             : " is one identity too many"));
    }
    out.push_back({std::string(words[0]), std::string(words[1])});
  }
  return out;
}

}  // namespace wmk::claims
