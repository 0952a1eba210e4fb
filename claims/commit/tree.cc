#include "claims/commit/tree.h"

#include "base/text.h"
#include "crypto/blake2b.h"

namespace wmk::claims {

namespace {

crypto::SecretBytes salt_of(const crypto::SecretBytes& master, ByteView nonce,
                            std::string_view label) {
  return crypto::derive(master, cat(kLeafDomain, "/salt/", as_text(nonce), label));
}

crypto::SecretBytes secret_of(const crypto::SecretBytes& master, size_t leaf) {
  return leaf == kTraceLeaf ? embed::trace_key(master)
                            : embed::share_key(master, static_cast<unsigned>(leaf));
}

}  // namespace

std::string leaf_label(size_t leaf) {
  if (leaf == kSignerLeaf) return "signer";
  return leaf == kTraceLeaf ? std::string("trace") : cat("share/", leaf);
}

crypto::TreeHash leaf_of(std::string_view label, ByteView salt, ByteView secret) {
  return crypto::tree_leaf({as_bytes(kLeafDomain), as_bytes(label), salt, secret});
}

CommitmentTree::CommitmentTree(const crypto::SecretBytes& master, ByteView nonce,
                               std::string_view signer) {
  for (size_t leaf = 0; leaf < kSignerLeaf; ++leaf) {
    const std::string label = leaf_label(leaf);
    leaves_.push_back(
        leaf_of(label, salt_of(master, nonce, label).reveal(), secret_of(master, leaf).reveal()));
  }
  leaves_.push_back(leaf_of(leaf_label(kSignerLeaf), nonce, as_bytes(signer)));
}

crypto::TreeHash CommitmentTree::root() const { return crypto::tree_root(leaves_); }

std::vector<crypto::TreeHash> CommitmentTree::path(size_t leaf) const {
  return crypto::inclusion_path(leaves_, leaf);
}

Opening open_share(const crypto::SecretBytes& master, ByteView nonce, std::string_view signer,
                   unsigned share) {
  return {share, salt_of(master, nonce, leaf_label(share)), secret_of(master, share),
          CommitmentTree(master, nonce, signer).path(share)};
}

bool is_opened(const Opening& opening, const crypto::TreeHash& root) {
  const auto leaf =
      leaf_of(leaf_label(opening.leaf), opening.salt.reveal(), opening.secret.reveal());
  return crypto::root_by_inclusion(leaf, opening.leaf, kLeafCount, opening.path) == root;
}

bool has_signer(std::string_view signer, ByteView nonce, std::span<const crypto::TreeHash> path,
                const crypto::TreeHash& root) {
  const auto leaf = leaf_of(leaf_label(kSignerLeaf), nonce, as_bytes(signer));
  return crypto::root_by_inclusion(leaf, kSignerLeaf, kLeafCount, path) == root;
}

}  // namespace wmk::claims
