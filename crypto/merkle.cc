#include "crypto/merkle.h"

#include <openssl/evp.h>

#include <bit>
#include <cassert>
#include <memory>
#include <new>

#include "base/memory/wiped.h"

namespace wmk::crypto {

namespace {

constexpr std::byte kLeaf{0}, kNode{1};

// SHA-256 over `parts`, with a context that each thread makes once: OpenSSL takes longer to look up
// a digest than to hash a node.
TreeHash tree_sha256(std::initializer_list<ByteView> parts) {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  thread_local const EVP_MD* method = EVP_sha256();
  TreeHash out;
  // Fails only when there is no memory. After the first time, the context keeps its method.
  bool good = context && EVP_DigestInit_ex(context.get(), method, nullptr) == 1;
  for (const ByteView part : parts) {
    good = good && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  }
  good = good && EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(out.data()),
                                    nullptr) == 1;
  if (!good) throw std::bad_alloc();
  method = nullptr;
  return out;
}

// The largest power of two below `count`. Requires count > 1.
uint64_t split_of(uint64_t count) { return std::bit_floor(count - 1); }

void append_inclusion(std::span<const TreeHash> leaves, uint64_t index,
                      std::vector<TreeHash>& path) {
  if (leaves.size() <= 1) return;
  const uint64_t split = split_of(leaves.size());
  const bool left = index < split;
  const auto own = left ? leaves.first(split) : leaves.subspan(split);
  append_inclusion(own, left ? index : index - split, path);
  path.push_back(tree_root(left ? leaves.subspan(split) : leaves.first(split)));
}

// `whole`: the older tree is exactly these leaves, whose root the verifier knows.
void append_consistency(std::span<const TreeHash> leaves, uint64_t before, bool whole,
                        std::vector<TreeHash>& path) {
  if (before == leaves.size()) {
    if (!whole) path.push_back(tree_root(leaves));
    return;
  }
  const uint64_t split = split_of(leaves.size());
  if (before <= split) {
    append_consistency(leaves.first(split), before, whole, path);
    path.push_back(tree_root(leaves.subspan(split)));
  } else {
    append_consistency(leaves.subspan(split), before - split, false, path);
    path.push_back(tree_root(leaves.first(split)));
  }
}

}  // namespace

TreeHash tree_leaf(ByteView entry) { return tree_sha256({ByteView(&kLeaf, 1), entry}); }

TreeHash tree_leaf(std::initializer_list<ByteView> fields) {
  WipedBytes entry;
  for (const ByteView field : fields) {
    std::array<std::byte, 8> length{};
    store_le(length.data(), static_cast<uint64_t>(field.size()));
    entry.insert(entry.end(), length.begin(), length.end());
    entry.insert(entry.end(), field.begin(), field.end());
  }
  return tree_leaf(entry);
}

TreeHash tree_node(const TreeHash& left, const TreeHash& right) {
  return tree_sha256({ByteView(&kNode, 1), left, right});
}

TreeHash tree_root(std::span<const TreeHash> leaves) {
  if (leaves.empty()) return tree_sha256({});
  if (leaves.size() == 1) return leaves.front();
  const uint64_t split = split_of(leaves.size());
  return tree_node(tree_root(leaves.first(split)), tree_root(leaves.subspan(split)));
}

std::vector<TreeHash> inclusion_path(std::span<const TreeHash> leaves, uint64_t index) {
  assert(index < leaves.size());
  std::vector<TreeHash> path;
  append_inclusion(leaves, index, path);
  return path;
}

std::vector<TreeHash> consistency_path(std::span<const TreeHash> leaves, uint64_t before) {
  assert(before > 0 && before <= leaves.size());
  std::vector<TreeHash> path;
  append_consistency(leaves, before, true, path);
  return path;
}

// RFC 9162, 2.1.3.2: `at` and `last` are the node and the last node of a level.
std::optional<TreeHash> root_by_inclusion(const TreeHash& leaf, uint64_t index, uint64_t size,
                                          std::span<const TreeHash> path) {
  if (index >= size) return std::nullopt;
  uint64_t at = index, last = size - 1;
  TreeHash root = leaf;
  for (const TreeHash& other : path) {
    if (last == 0) return std::nullopt;
    if ((at & 1) != 0 || at == last) {
      root = tree_node(other, root);
      while ((at & 1) == 0 && at != 0) at >>= 1, last >>= 1;  // levels without a neighbour
    } else {
      root = tree_node(root, other);
    }
    at >>= 1, last >>= 1;
  }
  return last == 0 ? std::optional(root) : std::nullopt;
}

// RFC 9162, 2.1.4.2.
bool is_consistent(const TreeHead& older, const TreeHead& newer, std::span<const TreeHash> path) {
  if (older.size > newer.size) return false;
  if (older.size == newer.size) return path.empty() && older.root == newer.root;
  if (older.size == 0) return path.empty() && older.root == tree_root({});
  const bool whole = std::has_single_bit(older.size);  // then the older root starts the path
  if (path.empty() && !whole) return false;
  uint64_t at = older.size - 1, last = newer.size - 1;
  while ((at & 1) != 0) at >>= 1, last >>= 1;
  TreeHash before = whole ? older.root : path.front(), after = before;
  for (const TreeHash& other : path.subspan(whole ? 0 : 1)) {
    if (last == 0) return false;
    if ((at & 1) != 0 || at == last) {
      before = tree_node(other, before);
      after = tree_node(other, after);
      while ((at & 1) == 0 && at != 0) at >>= 1, last >>= 1;
    } else {
      after = tree_node(after, other);
    }
    at >>= 1, last >>= 1;
  }
  return last == 0 && before == older.root && after == newer.root;
}

}  // namespace wmk::crypto
