#include "sign/digest.h"

#include <openssl/evp.h>

#include <new>

namespace wmk::sign {

namespace {

const EVP_MD* method(Hash hash) { return hash == Hash::sha256 ? EVP_sha256() : EVP_blake2b512(); }

// OpenSSL's digests fail only when there is no memory.
void must(int worked) {
  if (worked != 1) throw std::bad_alloc();
}

}  // namespace

std::string_view to_string(Hash hash) { return hash == Hash::sha256 ? "sha256" : "blake2b"; }

std::optional<Hash> hash_from_text(std::string_view text) {
  if (text == "sha256") return Hash::sha256;
  if (text == "blake2b") return Hash::blake2b;
  return std::nullopt;
}

size_t digest_bytes(Hash hash) { return hash == Hash::sha256 ? 32 : 64; }

void Hasher::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Hasher::Hasher(Hash hash) : hash_(hash), context_(EVP_MD_CTX_new()) {
  must(context_ != nullptr);
  restart();
}

void Hasher::restart() { must(EVP_DigestInit_ex(context_.get(), method(hash_), nullptr)); }

void Hasher::absorb(ByteView bytes) {
  must(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

Bytes Hasher::finish() {
  Bytes out(digest_bytes(hash_));
  must(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr));
  restart();
  return out;
}

Bytes sha256(ByteView bytes) {
  Hasher hasher(Hash::sha256);
  hasher.absorb(bytes);
  return hasher.finish();
}

}  // namespace wmk::sign
