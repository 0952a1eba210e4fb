// Key files of minisign: public keys, and secret keys without a passphrase. Also names of keys on
// tokens.
#include "crypto/minisign.h"
#include "sign/keys/token.h"
#include "tests/fuzz/support/workbench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const wmk::fuzz::Workbench bench;
  const auto input = wmk::fuzz::as_input(data, size);
  const auto pasted = wmk::crypto::Ed25519PublicKey::from_text(input);
  const auto message = wmk::as_bytes("message");
  if (pasted) (void)pasted->verifies(message, wmk::as_bytes(std::string(64, 'x')));
  const auto secret = wmk::crypto::Ed25519SecretKey::read(
      bench.put("it.key", input), []() -> wmk::Result<wmk::crypto::SecretBytes> {
        return wmk::Error(wmk::ErrorCode::io, "there is no passphrase");
      });
  // A signature by a key that could be read must verify.
  if (secret && !secret->public_key().verifies(message, secret->sign(message))) __builtin_trap();
  (void)wmk::sign::TokenUri::parse(std::string("pkcs11:") + std::string(input));
  return 0;
}
