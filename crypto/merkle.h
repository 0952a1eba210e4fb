// Merkle trees of transparency logs, as RFC 6962 section 2.1 defines them, with SHA-256.
//
// Purpose: hashes of leaves and nodes, the root of a list of leaves, and both kinds of proofs. A
// leaf is hashed with the prefix 0x00 and a node with 0x01, so that neither passes for the other.
// Lifetime: plain values. Thread-safety: pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace wmk::crypto {

using TreeHash = std::array<std::byte, 32>;

TreeHash tree_leaf(ByteView entry);
// Of a commitment to several fields, which may be secrets: the entry is each field after its length
// in 8 bytes, little-endian.
TreeHash tree_leaf(std::initializer_list<ByteView> fields);
TreeHash tree_node(const TreeHash& left, const TreeHash& right);

// The root over leaf hashes; the empty tree has the SHA-256 of nothing.
TreeHash tree_root(std::span<const TreeHash> leaves);
// From the leaf upwards. Requires index < leaves.size().
std::vector<TreeHash> inclusion_path(std::span<const TreeHash> leaves, uint64_t index);
// Proves that the first `before` leaves are a prefix. Requires 0 < before <= leaves.size().
std::vector<TreeHash> consistency_path(std::span<const TreeHash> leaves, uint64_t before);

// The root that a path leads to; nullopt if `index` is not in a tree of `size` leaves or the path
// has another length than that leaf's.
std::optional<TreeHash> root_by_inclusion(const TreeHash& leaf, uint64_t index, uint64_t size,
                                          std::span<const TreeHash> path);

struct TreeHead {
  uint64_t size = 0;
  TreeHash root{};
};
// Whether the newer tree starts with the leaves of the older one. An empty tree is a prefix of
// every tree, and the path between equal sizes is empty.
bool is_consistent(const TreeHead& older, const TreeHead& newer, std::span<const TreeHash> path);

}  // namespace wmk::crypto
