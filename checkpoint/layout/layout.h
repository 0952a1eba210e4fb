// The units of a checkpoint as one family of naming rules reads them.
//
// Purpose: groups tensors into layers and experts and checks every shape; no weights are read.
// Lifetime: refers to tensors by index and to no rule. Thread-safety: pure functions.
#pragma once

#include <vector>

#include "base/result.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/layout/anatomy.h"
#include "checkpoint/naming/name_table.h"

namespace wmk::checkpoint {

// Far above any model (Kimi K2 has 23,485), and small enough to hold.
inline constexpr size_t kGroupsMax = 1 << 20;
inline constexpr uint64_t kWidthMax = 1 << 20;

struct GainSource {
  size_t tensor = 0;
  bool one_plus = false;
  bool operator==(const GainSource&) const = default;
};

struct Layout {
  uint64_t width = 0;
  size_t token_embedding = 0;
  std::vector<UnitGroup> groups;  // gains are indices into `gains`
  std::vector<GainSource> gains;

  bool gated() const { return !groups.empty() && groups[0].gate.has_value(); }
};

// Errors name the tensor or the layer. A family that names gates, or gains in front of or behind
// the FFN, must find them everywhere: a model without them belongs to another family.
Result<Layout> lay_out(const std::vector<Tensor>& tensors, const NameTable& names,
                       const Family& family);

// The same vectors in the same places, whatever the gains.
bool same_views(const Layout& a, const Layout& b);
// The same gains for the same groups.
bool same_gains(const Layout& a, const Layout& b);

}  // namespace wmk::checkpoint
