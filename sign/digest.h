// Digests of bytes: SHA-256 and BLAKE2b-512, by OpenSSL.
//
// Lifetime: a Hasher is used for one message after another. Thread-safety: one caller per Hasher.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"

struct evp_md_ctx_st;

namespace wmk::sign {

enum class Hash { sha256, blake2b };

// The name in manifests: "sha256".
std::string_view to_string(Hash hash);
std::optional<Hash> hash_from_text(std::string_view text);
size_t digest_bytes(Hash hash);

class Hasher {
 public:
  explicit Hasher(Hash hash);
  void absorb(ByteView bytes);
  // Returns the digest and resets the Hasher.
  Bytes finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  void restart();
  Hash hash_;
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

Bytes sha256(ByteView bytes);

}  // namespace wmk::sign
