// A private key on a token as one of ours; see sign/keys/key.h.
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

Error no_way(const TokenUri& uri) {
  return Error(ErrorCode::unsupported,
               uri.module_path.empty()
                   ? "OpenSSL has neither a provider nor an engine for keys on tokens"
                   : "OpenSSL has no engine for keys on tokens, which module-path needs")
      .with_hint(
          "install libengine-pkcs11-openssl (Debian), or activate pkcs11-provider in openssl.cnf");
}

// What the token's software calls it, and what the user can do.
Error told(Error error, std::string_view name) {
  const std::string reason = error.message();
  const bool is_silent = reason == "unknown";  // as the provider is about both
  if (is_silent || reason == "object not found") {
    return Error(ErrorCode::crypto, cat(name, ": there is no such private key on a token",
                                        is_silent ? ", or the PIN is wrong" : ""))
        .with_hint("p11tool --list-all (Debian: gnutls-bin) lists what there is");
  }
  if (reason == "PIN incorrect") return Error(ErrorCode::crypto, cat(name, ": wrong PIN"));
  return std::move(error).within(name);
}

// A copy outside of the token, made of the curve's name and the point alone: what else the token's
// own software tells (a curve written out in numbers, say) would change the hint.
Result<PublicKey> public_half(EVP_PKEY* key, std::string_view name) {
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
  if (!found) return told(std::move(found).error(), name);
  if (!*found) return no_way(uri);
  auto shared = public_half((*found)->key.get(), name);
  if (!shared) return std::move(shared).error();
  PrivateKey out(std::move((*found)->key), std::move(*shared));
  out.home_ = std::move((*found)->home);
  return out;
}

}  // namespace wmk::sign
