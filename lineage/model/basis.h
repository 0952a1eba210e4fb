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

enum class GaugeKind { identity, signed_permutation, rotation };
constexpr std::string_view word(GaugeKind kind) {
  return kind == GaugeKind::identity             ? "identity"
         : kind == GaugeKind::signed_permutation ? "signed permutation"
                                                 : "rotation";
}

struct Gauge {
  GaugeKind kind = GaugeKind::identity;
  size_t from = 0, to = 0;     // widths of suspect and reference
  std::vector<int64_t> place;  // signed permutation, by coordinate of the suspect; -1: nowhere
  std::vector<float> sign;
  std::vector<float> matrix;                                    // rotation: from x to
  std::shared_ptr<const stats::RowProducts> columns = nullptr;  // of the matrix, to multiply with

  static Gauge identity(size_t width) { return {GaugeKind::identity, width, width, {}, {}, {}}; }
  static Gauge rotation(size_t from, size_t to, std::vector<float> matrix);
  // Many coordinates stay where they are: more than any gauge between strangers leaves in place.
  bool keeps_places() const;
  // Leads to a few of the coordinates only.
  Gauge restricted(std::span<const size_t> coordinates) const;
  // `count` rows of `from` numbers become rows of `to`.
  void apply(std::span<const float> rows, size_t count, std::span<float> out) const;
};

}  // namespace wmk::lineage
