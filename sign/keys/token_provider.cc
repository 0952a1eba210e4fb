// Keys on tokens through OpenSSL's store and the provider that openssl.cnf configures.
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/store.h>

#include "base/text.h"
#include "sign/keys/openssl.h"
#include "sign/keys/token.h"

namespace wmk::sign {

namespace {

constexpr int kObjectsMax = 64;  // a URI that matches more does not identify a key

struct FreeStore {
  void operator()(OSSL_STORE_LOADER* loader) const { OSSL_STORE_LOADER_free(loader); }
  void operator()(OSSL_STORE_CTX* store) const { OSSL_STORE_close(store); }
  void operator()(OSSL_STORE_INFO* info) const { OSSL_STORE_INFO_free(info); }
};
template <typename T>
using StoreHolder = std::unique_ptr<T, FreeStore>;

bool has_provider() {
  OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, nullptr);
  const StoreHolder<OSSL_STORE_LOADER> loader(OSSL_STORE_LOADER_fetch(nullptr, "pkcs11", nullptr));
  ERR_clear_error();
  return loader != nullptr;
}

// The only private key in `store`.
Result<KeyPointer> only_key(OSSL_STORE_CTX* store) {
  KeyPointer key;
  for (int objects = 0; OSSL_STORE_eof(store) == 0; ++objects) {
    if (objects == kObjectsMax) {
      return Error(ErrorCode::limit_exceeded, cat("matches more than ", kObjectsMax, " objects"));
    }
    const StoreHolder<OSSL_STORE_INFO> info(OSSL_STORE_load(store));
    if (!info || OSSL_STORE_INFO_get_type(info.get()) != OSSL_STORE_INFO_PKEY) continue;
    if (key) return Error(ErrorCode::invalid_argument, "matches more than one private key");
    key.reset(OSSL_STORE_INFO_get1_PKEY(info.get()));
  }
  if (!key) return Error(ErrorCode::crypto, openssl_cause());
  ERR_clear_error();
  return key;
}

}  // namespace

Result<std::optional<TokenKey>> key_by_provider(const TokenUri& uri,
                                                const crypto::PassphraseSource& pin) {
  // A provider's library is set by its configuration, not by the URI.
  if (!uri.module_path.empty() || !has_provider()) return std::optional<TokenKey>();
  PassphraseRequest request{&pin, std::nullopt};
  const PromptPointer prompt = passphrase_prompt();
  const StoreHolder<OSSL_STORE_CTX> store(
      OSSL_STORE_open(uri.object.c_str(), prompt.get(), &request, nullptr, nullptr));
  if (!store) return Error(ErrorCode::crypto, openssl_cause());
  OSSL_STORE_expect(store.get(), OSSL_STORE_INFO_PKEY);
  auto key = only_key(store.get());
  if (request.failure) return std::move(*request.failure);
  if (!key) return std::move(key).error();
  return std::optional(TokenKey{nullptr, std::move(*key)});
}

}  // namespace wmk::sign
