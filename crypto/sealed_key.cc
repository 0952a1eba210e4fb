#include "crypto/sealed_key.h"

#include <sodium.h>

#include <cassert>

#include "base/text.h"
#include "crypto/key_file.h"
#include "crypto/sodium.h"

namespace wmk::crypto {

namespace {

constexpr std::string_view kFamily = "wmkseal";
constexpr std::string_view kForm = "wmkseal1";
constexpr size_t kOpslimitAt = 8;
constexpr size_t kMemlimitAt = 16;
constexpr size_t kSaltAt = 24;
constexpr size_t kNonceAt = kSaltAt + crypto_pwhash_argon2id_SALTBYTES;
constexpr size_t kBoxAt = kNonceAt + crypto_secretbox_xsalsa20poly1305_NONCEBYTES;
constexpr size_t kBoxBytes = crypto_secretbox_xsalsa20poly1305_MACBYTES + kKeyBytes;
static_assert(kBoxAt + kBoxBytes == kSealedBytes);

SealCost cost_of(ByteView sealed) {
  return {load_le<uint64_t>(sealed.data() + kOpslimitAt),
          load_le<uint64_t>(sealed.data() + kMemlimitAt)};
}

Result<SecretBytes> box_key(const SecretBytes& passphrase, ByteView salt, SealCost cost) {
  require_sodium();
  SecretBytes key = SecretBytes::zeros(crypto_secretbox_xsalsa20poly1305_KEYBYTES);
  const int failed = crypto_pwhash_argon2id(
      octets(key.reveal_for_writing().data()), key.size(),
      reinterpret_cast<const char*>(passphrase.reveal().data()), passphrase.size(),
      octets(salt.data()), cost.opslimit, cost.memlimit, crypto_pwhash_argon2id_ALG_ARGON2ID13);
  if (failed != 0) return no_memory_for_hash(cost.memlimit);
  return key;
}

bool within(uint64_t value, uint64_t min, uint64_t max) { return value >= min && value <= max; }

}  // namespace

bool looks_sealed(ByteView bytes) { return as_text(bytes).starts_with(kFamily); }

Status checked_seal(ByteView sealed) {
  if (!as_text(sealed).starts_with(kForm)) {
    return Error(ErrorCode::unsupported,
                 "unknown version of the sealed form; this program opens version 1");
  }
  if (sealed.size() != kSealedBytes) {
    return Error(ErrorCode::malformed, cat("damaged: the sealed key has ", sealed.size(),
                                           " bytes instead of ", kSealedBytes));
  }
  const SealCost cost = cost_of(sealed);
  if (!within(cost.opslimit, kSealCostMin.opslimit, kSealCostMax.opslimit) ||
      !within(cost.memlimit, kSealCostMin.memlimit, kSealCostMax.memlimit)) {
    return Error(
        ErrorCode::limit_exceeded,
        cat("the sealed key asks for ", cost.opslimit, " passes over ", cost.memlimit,
            " bytes of memory; allowed are ", kSealCostMin.opslimit, " to ", kSealCostMax.opslimit,
            " passes over ", kSealCostMin.memlimit, " to ", kSealCostMax.memlimit, " bytes"));
  }
  return {};
}

Result<Bytes> seal_key(const SecretBytes& key, const SecretBytes& passphrase, SealCost cost) {
  assert(key.size() == kKeyBytes);
  require_sodium();
  Bytes sealed(kSealedBytes);
  std::memcpy(sealed.data(), kForm.data(), kForm.size());
  store_le(sealed.data() + kOpslimitAt, cost.opslimit);
  store_le(sealed.data() + kMemlimitAt, cost.memlimit);
  randombytes_buf(sealed.data() + kSaltAt, kBoxAt - kSaltAt);  // salt and nonce
  auto locked = box_key(passphrase, ByteView(sealed).subspan(kSaltAt, kNonceAt - kSaltAt), cost);
  if (!locked) return std::move(locked).error();
  crypto_secretbox_easy(octets(sealed.data() + kBoxAt), octets(key.reveal().data()), kKeyBytes,
                        octets(sealed.data() + kNonceAt), octets(locked->reveal().data()));
  return sealed;
}

Result<SecretBytes> open_sealed_key(ByteView sealed, const SecretBytes& passphrase) {
  auto checked = checked_seal(sealed);
  if (!checked) return std::move(checked).error();
  auto locked = box_key(passphrase, sealed.subspan(kSaltAt, kNonceAt - kSaltAt), cost_of(sealed));
  if (!locked) return std::move(locked).error();
  SecretBytes key = SecretBytes::zeros(kKeyBytes);
  const int failed = crypto_secretbox_open_easy(
      octets(key.reveal_for_writing().data()), octets(sealed.data() + kBoxAt), kBoxBytes,
      octets(sealed.data() + kNonceAt), octets(locked->reveal().data()));
  if (failed != 0) {
    return Error(ErrorCode::crypto, "wrong passphrase, or the sealed key was changed");
  }
  return key;
}

}  // namespace wmk::crypto
