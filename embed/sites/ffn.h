// The FFN neurons as a place for the mark: the vectors of a neuron, and which two of them tag the
// third (specs/mark.md 4).
//
// Thread-safety: pure functions and values.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace wmk::embed {

enum class VectorKind : size_t { gate, up, down };
inline constexpr std::array kVectorKinds = {VectorKind::gate, VectorKind::up, VectorKind::down};
inline constexpr size_t kVectorKindCount = kVectorKinds.size();

constexpr size_t index_of(VectorKind kind) { return static_cast<size_t>(kind); }

constexpr std::string_view to_string(VectorKind kind) {
  constexpr std::array<std::string_view, kVectorKindCount> names = {"gate", "up", "down"};
  return names[index_of(kind)];
}

// A neuron of an FFN that is not gated has no gate vector.
constexpr bool has_vector(VectorKind kind, bool gated) { return gated || kind != VectorKind::gate; }

// One value for each kind of vector.
template <class T>
struct PerKind {
  std::array<T, kVectorKindCount> values;

  T& operator[](VectorKind kind) { return values[index_of(kind)]; }
  const T& operator[](VectorKind kind) const { return values[index_of(kind)]; }
  auto begin() { return values.begin(); }
  auto begin() const { return values.begin(); }
  auto end() { return values.end(); }
  auto end() const { return values.end(); }
};

// The two vectors whose coordinates make the tags of a third.
struct TagFactors {
  VectorKind first, second;
};

constexpr TagFactors tag_factors(VectorKind kind, bool gated) {
  using enum VectorKind;
  if (!gated) return kind == up ? TagFactors{down, down} : TagFactors{up, up};
  if (kind == gate) return {up, down};
  return kind == up ? TagFactors{gate, down} : TagFactors{gate, up};
}

}  // namespace wmk::embed
