// The tree of a commitment: one salted leaf for each secret of the mark, and one for the signer
// (specs/commitment.md 2).
//
// Purpose: binds the shares before the release, so that one of them can be opened later and the
// others stay hidden. The last leaf is the signer's: whoever copies a root cannot sign it as their
// own. Salts are derived from the master key and the nonce, so the owner keeps nothing but the key.
// Lifetime: a tree holds hashes, no secrets; an Opening owns its secrets. Thread-safety: pure
// functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/merkle.h"
#include "crypto/secret.h"
#include "embed/scheme/keys.h"

namespace wmk::claims {

inline constexpr std::string_view kLeafDomain = "weightmark/commit/v1";
inline constexpr size_t kNonceBytes = 32;
inline constexpr size_t kTraceLeaf = embed::kSharesMax;
inline constexpr size_t kSignerLeaf = kTraceLeaf + 1;
inline constexpr size_t kLeafCount = kSignerLeaf + 1;

// "share/0" ... "share/3", "trace", "signer".
std::string leaf_label(size_t leaf);
// SHA-256(0x00 || fields), each field after its length in 8 bytes, little-endian: kLeafDomain,
// label, salt, secret.
crypto::TreeHash leaf_of(std::string_view label, ByteView salt, ByteView secret);

// What one leaf was made from, and the hashes on its way to the root.
struct Opening {
  size_t leaf;
  crypto::SecretBytes salt, secret;
  std::vector<crypto::TreeHash> path;
};

class CommitmentTree {
 public:
  // `signer`: the hint of the signer's key.
  CommitmentTree(const crypto::SecretBytes& master, ByteView nonce, std::string_view signer);

  crypto::TreeHash root() const;
  std::vector<crypto::TreeHash> path(size_t leaf) const;

 private:
  std::vector<crypto::TreeHash> leaves_;
};

// Opens the leaf of a share.
Opening open_share(const crypto::SecretBytes& master, ByteView nonce, std::string_view signer,
                   unsigned share);
// Whether a tree with this root has kLeafCount leaves and the opened one among them.
bool is_opened(const Opening& opening, const crypto::TreeHash& root);
// Whether the root is that of a tree whose last leaf is this signer's.
bool has_signer(std::string_view signer, ByteView nonce, std::span<const crypto::TreeHash> path,
                const crypto::TreeHash& root);

}  // namespace wmk::claims
