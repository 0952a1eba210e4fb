// A change of basis of the residual stream: from the suspect's coordinates to the reference's.
//
// Lifetime: owns its numbers. Thread-safety: immutable once made.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "stats/row_products.h"

namespace wmk::lineage {

// `neurons` is a rotation that was fitted to gate rows, the others are fitted to embeddings.
enum class BasisKind { identity, signed_permutation, rotation, neurons };
// As --json spells them.
constexpr std::string_view to_string(BasisKind kind) {
  constexpr std::string_view kNames[] = {"identity", "signed permutation", "rotation", "neurons"};
  return kNames[static_cast<size_t>(kind)];
}

struct Basis {
  BasisKind kind = BasisKind::identity;
  size_t from = 0, to = 0;     // widths of suspect and reference
  std::vector<int64_t> place;  // signed permutation, by coordinate of the suspect; -1: dropped
  std::vector<float> sign;
  std::vector<float> matrix;                                    // rotation and neurons: from x to
  std::shared_ptr<const stats::RowProducts> columns = nullptr;  // of the matrix, to multiply with

  static Basis identity(size_t width) { return {BasisKind::identity, width, width, {}, {}, {}}; }
  // `kind`: rotation or neurons.
  static Basis rotation(size_t from, size_t to, std::vector<float> matrix,
                        BasisKind kind = BasisKind::rotation);
  bool has_matrix() const { return kind >= BasisKind::rotation; }
  // Does it leave more coordinates in place than a basis fitted to unrelated models would?
  bool keeps_places() const;
  // The same change of basis, of which only some of the reference's coordinates are kept.
  Basis restricted(std::span<const size_t> coordinates) const;
  // Of a signed permutation: the coordinates that are kept, in the order of the reference's.
  struct Moved {
    std::vector<uint32_t> from, to;
    std::vector<float> sign;
  };
  Moved moved_coordinates() const;
  // Maps `count` rows of `from` numbers to rows of `to` numbers.
  void apply(std::span<const float> rows, size_t count, std::span<float> out) const;
};

}  // namespace wmk::lineage
