// Merkle trees: the roots of RFC 6962's reference implementation, and proofs that fail once
// changed.
#include "crypto/merkle.h"

#include <catch2/catch.hpp>

namespace wmk::crypto {

namespace {

constexpr uint64_t kLargest = 20;

std::string hex_of(const TreeHash& hash) { return to_hex(ByteView(hash)); }

std::vector<TreeHash> numbered_leaves(size_t count) {
  std::vector<TreeHash> out;
  for (size_t i = 0; i < count; ++i) out.push_back(tree_leaf(as_bytes(std::to_string(i))));
  return out;
}

TreeHash with_flipped_bit(TreeHash hash) {
  hash[7] ^= std::byte{4};
  return hash;
}

}  // namespace

TEST_CASE("trees have the roots of the reference implementation of RFC 6962", "[crypto]") {
  const std::vector<std::string> entries = {"",
                                            "00",
                                            "10",
                                            "2021",
                                            "3031",
                                            "40414243",
                                            "5051525354555657",
                                            "606162636465666768696a6b6c6d6e6f"};
  const std::vector<std::string> roots = {
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  std::vector<TreeHash> leaves;
  CHECK(hex_of(tree_root(leaves)) == roots[0]);
  for (size_t i = 0; i < entries.size(); ++i) {
    leaves.push_back(tree_leaf(*from_hex(entries[i])));
    CHECK(hex_of(tree_root(leaves)) == roots[i + 1]);
  }
}

TEST_CASE("an inclusion path leads to the root from its own place only", "[crypto]") {
  for (uint64_t size = 1; size <= kLargest; ++size) {
    const auto leaves = numbered_leaves(size);
    const TreeHash root = tree_root(leaves);
    for (uint64_t index = 0; index < size; ++index) {
      auto path = inclusion_path(leaves, index);
      CAPTURE(size, index);
      CHECK(root_by_inclusion(leaves[index], index, size, path) == root);
      CHECK(root_by_inclusion(with_flipped_bit(leaves[index]), index, size, path) != root);
      for (uint64_t other = 0; other <= size; ++other) {
        if (other != index) CHECK(root_by_inclusion(leaves[index], other, size, path) != root);
      }
      path.push_back(root);
      CHECK_FALSE(root_by_inclusion(leaves[index], index, size, path));
      path.pop_back();
      if (path.empty()) continue;
      path.front() = with_flipped_bit(path.front());
      CHECK(root_by_inclusion(leaves[index], index, size, path) != root);
      path.pop_back();
      CHECK_FALSE(root_by_inclusion(leaves[index], index, size, path));
    }
  }
}

TEST_CASE("an inner node does not pass for a leaf", "[crypto]") {
  const auto leaves = numbered_leaves(4);
  const TreeHash left = tree_node(leaves[0], leaves[1]), right = tree_node(leaves[2], leaves[3]);
  Bytes children(leaves[0].begin(), leaves[0].end());
  children.insert(children.end(), leaves[1].begin(), leaves[1].end());
  CHECK(root_by_inclusion(left, 0, 2, std::vector{right}) == tree_root(leaves));
  CHECK(root_by_inclusion(tree_leaf(children), 0, 2, std::vector{right}) != tree_root(leaves));
}

TEST_CASE("a consistency path proves a prefix and nothing else", "[crypto]") {
  const auto leaves = numbered_leaves(kLargest);
  for (uint64_t after = 1; after <= kLargest; ++after) {
    const auto all = std::span(leaves).first(after);
    const TreeHead newer{after, tree_root(all)};
    CHECK(is_consistent({0, tree_root({})}, newer, {}));
    CHECK_FALSE(is_consistent({0, newer.root}, newer, {}));
    for (uint64_t before = 1; before <= after; ++before) {
      CAPTURE(before, after);
      const TreeHead older{before, tree_root(all.first(before))};
      auto path = consistency_path(all, before);
      CHECK(is_consistent(older, newer, path));
      CHECK_FALSE(is_consistent({before, with_flipped_bit(older.root)}, newer, path));
      CHECK_FALSE(is_consistent(older, {after, with_flipped_bit(newer.root)}, path));
      CHECK_FALSE(is_consistent({after + 1, older.root}, newer, path));
      path.push_back(newer.root);
      CHECK_FALSE(is_consistent(older, newer, path));
      path.pop_back();
      if (path.empty()) continue;
      path.back() = with_flipped_bit(path.back());
      CHECK_FALSE(is_consistent(older, newer, path));
      path.pop_back();
      CHECK_FALSE(is_consistent(older, newer, path));
    }
  }
}

}  // namespace wmk::crypto
