#include <algorithm>
#include <unordered_set>

#include "base/file.h"
#include "base/text.h"
#include "embed/licensees/register.h"
#include "embed/scheme/message_file.h"
#include "embed/scheme/record.h"
#include "proto/licensee_register.pb.h"

namespace wmk::embed {

namespace {

constexpr MessageFormat kRegisterFormat = {
    "weightmark licensee register, version 1\n", "not a register of licensees of version 1",
    "the register of licensees is damaged: it cannot be parsed", 1ull << 30};
constexpr size_t kNonceBytes = 32;

Error broken(std::string_view why) {
  return Error(ErrorCode::malformed, cat("the register of licensees is damaged: ", why));
}

Result<LicenseeRegister> register_from(const proto::LicenseeRegister& from) {
  if (from.scheme() != kScheme) return broken("another scheme");
  // The message has no field of type string: the library would report one that is not UTF-8 itself.
  if (!is_licensee_id(from.key_fingerprint())) return broken("its key is not named in UTF-8");
  if (from.nonce().size() != kNonceBytes) return broken("its nonce is not 32 bytes long");
  LicenseeRegister out;
  out.key_fingerprint = from.key_fingerprint();
  const ByteView nonce = as_bytes(from.nonce());
  out.nonce.assign(nonce.begin(), nonce.end());
  std::unordered_set<std::string_view> seen;
  for (const proto::Licensee& each : from.licensees()) {
    if (each.commitment().size() != sizeof(crypto::TreeHash)) {
      return broken("a commitment is not 32 bytes long");
    }
    std::copy_n(as_bytes(each.commitment()).begin(), sizeof(crypto::TreeHash),
                out.commitments.emplace_back().begin());
    if (each.id().empty()) continue;
    if (!is_licensee_id(each.id())) return broken("an id is too long or not UTF-8");
    if (!seen.insert(each.id()).second) return broken("an id occurs twice");
    out.ids.push_back(each.id());
  }
  if (!out.ids.empty() && out.ids.size() != out.commitments.size()) {
    return broken("some entries have no id");
  }
  return out;
}

}  // namespace

Result<LicenseeRegister> read_register(const std::filesystem::path& path) {
  return read_message<proto::LicenseeRegister>(path, kRegisterFormat, register_from);
}

Status write_register(const std::filesystem::path& path, const LicenseeRegister& from,
                      bool is_public, bool replace) {
  proto::LicenseeRegister out;
  out.set_scheme(std::string(kScheme));
  out.set_key_fingerprint(from.key_fingerprint);
  out.set_nonce(std::string(as_text(from.nonce)));
  for (size_t i = 0; i < from.commitments.size(); ++i) {
    proto::Licensee& each = *out.add_licensees();
    if (!is_public && i < from.ids.size()) each.set_id(from.ids[i]);
    each.set_commitment(std::string(as_text(from.commitments[i])));
  }
  return write_message(path, kRegisterFormat, out, is_public ? 0644 : 0600, replace);
}

}  // namespace wmk::embed
