// Keys on tokens through OpenSSL's engine `pkcs11` (libp11).
//
// Engines are deprecated since OpenSSL 3.0 and removed in 4.0, but Debian 12 has the engine and no
// provider. All deprecated calls are in this file.
#include <openssl/err.h>
#include <openssl/evp.h>
#ifndef OPENSSL_NO_ENGINE
#include <openssl/engine.h>
#endif

#include "base/text.h"
#include "sign/keys/openssl.h"
#include "sign/keys/token.h"

namespace wmk::sign {

#ifdef OPENSSL_NO_ENGINE

Result<std::optional<TokenKey>> key_by_engine(const TokenUri&, const crypto::PassphraseSource&) {
  return std::optional<TokenKey>();
}

#else
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace {

struct FreeEngine {
  void operator()(ENGINE* engine) const { ENGINE_free(engine); }
};

// Initialised, or null with the reasons in OpenSSL's error queue.
std::shared_ptr<void> started(ENGINE* engine) {
  if (ENGINE_init(engine) != 1) return nullptr;
  return {engine, [](void* running) { ENGINE_finish(static_cast<ENGINE*>(running)); }};
}

}  // namespace

Result<std::optional<TokenKey>> key_by_engine(const TokenUri& uri,
                                              const crypto::PassphraseSource& pin) {
  OPENSSL_init_crypto(OPENSSL_INIT_ENGINE_DYNAMIC | OPENSSL_INIT_LOAD_CONFIG, nullptr);
  const std::unique_ptr<ENGINE, FreeEngine> engine(ENGINE_by_id("pkcs11"));
  ERR_clear_error();
  if (!engine) return std::optional<TokenKey>();
  // Otherwise it prints errors that we report ourselves.
  ENGINE_ctrl_cmd(engine.get(), "QUIET", 0, nullptr, nullptr, 1);
  if (!uri.module_path.empty() &&
      ENGINE_ctrl_cmd_string(engine.get(), "MODULE_PATH", uri.module_path.c_str(), 0) != 1) {
    return Error(ErrorCode::crypto, openssl_cause());
  }
  TokenKey out{started(engine.get()), nullptr};
  if (!out.library) return Error(ErrorCode::crypto, openssl_cause());
  PassphraseRequest request{&pin, std::nullopt};
  const PromptPointer prompt = passphrase_prompt();
  out.key.reset(ENGINE_load_private_key(engine.get(), uri.object.c_str(), prompt.get(), &request));
  if (request.failure) return std::move(*request.failure);
  if (!out.key) return Error(ErrorCode::crypto, openssl_cause());
  ERR_clear_error();
  return std::optional(std::move(out));
}

#pragma GCC diagnostic pop
#endif

}  // namespace wmk::sign
