// PrivateKey::on_token(); see sign/keys/key.h.
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>

#include "base/file.h"
#include "base/text.h"
#include "sign/keys/openssl.h"
#include "sign/keys/token.h"

namespace wmk::sign {

namespace {

struct FreeParameters {
  void operator()(OSSL_PARAM* list) const { OSSL_PARAM_free(list); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};

Error not_available(const TokenUri& uri) {
  return Error(ErrorCode::unsupported,
               uri.module_path.empty()
                   ? "OpenSSL has neither a provider nor an engine for PKCS#11 tokens"
                   : "OpenSSL has no engine for PKCS#11 tokens, which module-path requires")
      .with_hint(
          "install libengine-pkcs11-openssl (Debian) or activate pkcs11-provider in openssl.cnf");
}

// Translates the error of the token's software.
Error explained(Error error, std::string_view name) {
  const std::string reason = error.message();
  const bool is_silent = reason == "unknown";  // the provider gives no reason for either
  if (is_silent || reason == "object not found") {
    return Error(ErrorCode::crypto, cat(name, ": no token has such a private key",
                                        is_silent ? ", or the PIN is wrong" : ""))
        .with_hint("p11tool --list-all (Debian: gnutls-bin) lists the objects on tokens");
  }
  if (reason == "PIN incorrect") return Error(ErrorCode::crypto, cat(name, ": wrong PIN"));
  return std::move(error).within(name);
}

// A copy of the public key outside the token, made only from the curve's name and the point: other
// parameters (such as explicit curve parameters) would change the hint.
Result<PublicKey> copy_public_key(EVP_PKEY* key, std::string_view name) {
  std::array<char, 64> group{};
  EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr);
  OSSL_PARAM* listed = nullptr;
  EVP_PKEY_todata(key, EVP_PKEY_PUBLIC_KEY, &listed);
  const std::unique_ptr<OSSL_PARAM, FreeParameters> all(listed);
  OSSL_PARAM* const point = listed ? OSSL_PARAM_locate(listed, OSSL_PKEY_PARAM_PUB_KEY) : nullptr;
  EVP_PKEY* copy = nullptr;
  if (point != nullptr) {
    OSSL_PARAM parts[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0), *point,
        OSSL_PARAM_construct_end()};
    const std::unique_ptr<EVP_PKEY_CTX, FreeParameters> context(
        EVP_PKEY_CTX_new_from_name(nullptr, "EC", "provider=default"));
    if (context && EVP_PKEY_fromdata_init(context.get()) == 1) {
      EVP_PKEY_fromdata(context.get(), &copy, EVP_PKEY_PUBLIC_KEY, parts);
    }
  }
  ERR_clear_error();
  return PublicKey::take(KeyPointer(copy), name);
}

}  // namespace

Result<PrivateKey> PrivateKey::on_token(const TokenUri& uri, const crypto::PassphraseSource& pin) {
  const std::string name = escaped(uri.object);
  use_secure_heap();
  if (!uri.module_path.empty()) {
    auto library = ReadFile::open(uri.module_path);
    if (!library) return std::move(library).error();
  }
  auto found = key_by_provider(uri, pin);
  if (found && !*found) found = key_by_engine(uri, pin);
  if (!found) return explained(std::move(found).error(), name);
  if (!*found) return not_available(uri);
  auto shared = copy_public_key((*found)->key.get(), name);
  if (!shared) return std::move(shared).error();
  PrivateKey out(std::move((*found)->key), std::move(*shared));
  out.library_ = std::move((*found)->library);
  return out;
}

}  // namespace wmk::sign
