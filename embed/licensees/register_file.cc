#include <algorithm>
#include <unordered_set>

#include "base/file.h"
#include "base/text.h"
#include "embed/licensees/register.h"
#include "embed/scheme/record.h"
#include "proto/licensee_register.pb.h"

namespace wmk::embed {

namespace {

constexpr std::string_view kRegisterMagic = "weightmark licensee register, version 1\n";
constexpr uint64_t kRegisterBytesMax = 1ull << 30;
constexpr size_t kNonceBytes = 32;

Error broken(std::string_view why) {
  return Error(ErrorCode::malformed, cat("the register of licensees is damaged: ", why));
}

std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<LicenseeRegister> register_from(const proto::LicenseeRegister& from) {
  if (from.scheme() != kScheme) return broken("another scheme");
  if (from.nonce().size() != kNonceBytes) return broken("its nonce is not 32 bytes long");
  LicenseeRegister out;
  out.key_fingerprint = from.key_fingerprint();
  const ByteView nonce = as_bytes(from.nonce());
  out.nonce.assign(nonce.begin(), nonce.end());
  std::unordered_set<std::string_view> seen;
  for (const proto::Licensee& each : from.licensees()) {
    if (each.commitment().size() != sizeof(crypto::Sha256)) {
      return broken("a commitment is not 32 bytes long");
    }
    std::copy_n(as_bytes(each.commitment()).begin(), sizeof(crypto::Sha256),
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
  const std::string name = escaped(path.filename().string());
  auto text = read_text(path, kRegisterBytesMax);
  if (!text) return std::move(text).error();
  if (!text->starts_with(kRegisterMagic)) {
    return Error(ErrorCode::malformed, "not a register of licensees of version 1").within(name);
  }
  proto::LicenseeRegister message;
  if (!message.ParseFromArray(text->data() + kRegisterMagic.size(),
                              static_cast<int>(text->size() - kRegisterMagic.size()))) {
    return broken("it cannot be parsed").within(name);
  }
  auto out = register_from(message);
  if (!out) return std::move(out).error().within(name);
  return out;
}

Status write_register(const std::filesystem::path& path, const LicenseeRegister& from,
                      bool is_public, bool replace) {
  proto::LicenseeRegister out;
  out.set_scheme(std::string(kScheme));
  out.set_key_fingerprint(from.key_fingerprint);
  out.set_nonce(std::string(text_of(from.nonce)));
  for (size_t i = 0; i < from.commitments.size(); ++i) {
    proto::Licensee& each = *out.add_licensees();
    if (!is_public && i < from.ids.size()) each.set_id(from.ids[i]);
    each.set_commitment(std::string(text_of(from.commitments[i])));
  }
  const std::string text = std::string(kRegisterMagic) + out.SerializeAsString();
  return write_whole(path, as_bytes(text), is_public ? 0644 : 0600, replace);
}

}  // namespace wmk::embed
