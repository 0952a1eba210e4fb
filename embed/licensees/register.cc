#include "embed/licensees/register.h"

#include <algorithm>
#include <unordered_set>

#include "base/memory/wiped.h"
#include "base/parallel.h"
#include "base/text.h"
#include "base/utf8.h"
#include "crypto/key_file.h"
#include "crypto/keyed_hashes.h"
#include "embed/scheme/keys.h"

namespace wmk::embed {

namespace {

constexpr std::string_view kLeafDomain = "weightmark/licensee/v1";
constexpr std::string_view kSaltPrefix = "weightmark/register/v1/salt/";
constexpr size_t kSecretBytes = 32;  // of nonce, salt and code key
constexpr size_t kIdsTogether = 1024;

Error refused(std::string why) { return Error(ErrorCode::invalid_argument, std::move(why)); }

crypto::TreeHash commitment_to(std::string_view id, ByteView salt, ByteView code_key) {
  return crypto::tree_leaf({as_bytes(kLeafDomain), as_bytes(id), salt, code_key});
}

// Salts and code keys of the ids of one register.
class Openings {
 public:
  Openings(const LicenseeRegister& of, const crypto::SecretBytes& master)
      : trace_(trace_key(master)),
        salts_(master, cat(kSaltPrefix, as_text(of.nonce)), kSecretBytes),
        code_keys_(trace_, "licensee/", kSecretBytes) {}

  void make(std::span<const std::string> ids, std::span<std::byte> salts,
            std::span<std::byte> code_keys) const {
    salts_.hash(ids, salts);
    code_keys_.hash(ids, code_keys);
  }

 private:
  crypto::SecretBytes trace_;
  crypto::KeyedHashes salts_, code_keys_;
};

std::vector<crypto::TreeHash> commitments_to(const LicenseeRegister& of,
                                             std::span<const std::string> ids,
                                             const crypto::SecretBytes& master, unsigned threads) {
  const Openings openings(of, master);
  std::vector<crypto::TreeHash> out(ids.size());
  const size_t parts = (ids.size() + kIdsTogether - 1) / kIdsTogether;
  (void)parallel_for(parts, threads, [&](size_t part, unsigned) -> Status {
    const size_t first = part * kIdsTogether, count = std::min(ids.size() - first, kIdsTogether);
    WipedBytes salts(count * kSecretBytes), keys(count * kSecretBytes);
    openings.make(ids.subspan(first, count), salts, keys);
    for (size_t i = 0; i < count; ++i) {
      out[first + i] =
          commitment_to(ids[first + i], ByteView(salts).subspan(i * kSecretBytes, kSecretBytes),
                        ByteView(keys).subspan(i * kSecretBytes, kSecretBytes));
    }
    return {};
  });
  return out;
}

}  // namespace

bool is_licensee_id(std::string_view id) {
  return !id.empty() && id.size() <= kLicenseeIdBytesMax && is_utf8(id);
}

LicenseeRegister new_register(const crypto::SecretBytes& master) {
  const crypto::SecretBytes nonce = crypto::SecretBytes::random(kSecretBytes);
  const ByteView bytes = nonce.reveal();
  return {crypto::fingerprint(master), {bytes.begin(), bytes.end()}, {}, {}};
}

Result<size_t> add_licensees(LicenseeRegister& to, const std::vector<std::string>& ids,
                             const crypto::SecretBytes& master, unsigned threads) {
  if (to.ids.size() != to.commitments.size()) {
    return refused("this is the public form of a register, without ids: it cannot grow");
  }
  std::unordered_set<std::string_view> known(to.ids.begin(), to.ids.end());
  std::vector<std::string> added;
  for (const std::string& id : ids) {
    if (!is_licensee_id(id)) {
      return refused(cat("id '", escaped(id), "' is empty, not UTF-8 or longer than ",
                         kLicenseeIdBytesMax, " bytes"));
    }
    if (known.insert(id).second) added.push_back(id);
  }
  const auto commitments = commitments_to(to, added, master, threads);
  to.commitments.insert(to.commitments.end(), commitments.begin(), commitments.end());
  to.ids.insert(to.ids.end(), added.begin(), added.end());
  return added.size();
}

Status check_register(const LicenseeRegister& of, const crypto::SecretBytes& master,
                      unsigned threads) {
  if (of.key_fingerprint != crypto::fingerprint(master)) {
    return refused(cat("the register belongs to key ", escaped(of.key_fingerprint), ", not to ",
                       crypto::fingerprint(master)));
  }
  const auto expected = commitments_to(of, of.ids, master, threads);
  for (size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] != of.commitments[i]) {
      return refused(cat("the commitment of '", escaped(of.ids[i]), "' in the register is wrong"));
    }
  }
  return {};
}

Opening opening_of(const LicenseeRegister& of, std::string_view id,
                   const crypto::SecretBytes& master) {
  Opening out{std::string(id), Bytes(kSecretBytes), Bytes(kSecretBytes)};
  Openings(of, master).make(std::span(&out.id, 1), out.salt, out.code_key);
  return out;
}

std::optional<size_t> opened_entry(const LicenseeRegister& of, const Opening& opening) {
  if (opening.salt.size() != kSecretBytes || opening.code_key.size() != kSecretBytes) {
    return std::nullopt;
  }
  const auto commitment = commitment_to(opening.id, opening.salt, opening.code_key);
  const auto found = std::find(of.commitments.begin(), of.commitments.end(), commitment);
  if (found == of.commitments.end()) return std::nullopt;
  return static_cast<size_t>(found - of.commitments.begin());
}

}  // namespace wmk::embed
