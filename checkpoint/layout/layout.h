// The units of a checkpoint according to one family of naming rules.
//
// Purpose: groups tensors into layers and experts and checks every shape; no weights are read.
// Lifetime: refers to tensors by index, not to rules. Thread-safety: pure functions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/layout/anatomy.h"
#include "checkpoint/naming/name_table.h"

namespace wmk::checkpoint {

// Far more than any model has (Kimi K2: 23,485), and few enough for memory.
inline constexpr size_t kGroupsMax = 1 << 20;
inline constexpr uint64_t kWidthMax = 1 << 20;

// What a layer that cannot be read does.
enum class LayerFaults : uint8_t { refused, skipped };

struct Layout {
  uint64_t width = 0;
  size_t token_embedding = 0;
  std::vector<UnitGroup> groups;  // their norms are indices into `norms`
  std::vector<NormSource> norms;
  std::vector<SkippedUnits> skipped;

  uint64_t skipped_units() const;
  bool gated() const { return !groups.empty() && groups[0].gate.has_value(); }
};

// Errors name the tensor or the layer. A family that names gates, or norms before or after the
// FFN, must find them everywhere: a model without them belongs to another family. With
// LayerFaults::skipped layers with faults are left out, as long as fewer than half of all units
// are.
Result<Layout> lay_out(const std::vector<Tensor>& tensors, const NameTable& names,
                       const NamingFamily& family, LayerFaults faults = LayerFaults::refused);

// Why a group cannot be read; none: it can.
using GroupFault = std::function<std::optional<std::string>(const UnitGroup&)>;
// Moves the groups with a fault from `groups` to `skipped`.
void skip_groups(const GroupFault& fault, std::vector<UnitGroup>& groups,
                 std::vector<SkippedUnits>& skipped);
// An Error with the first reason if half of all units or more are skipped.
Status check_skipped(const std::vector<UnitGroup>& groups,
                     const std::vector<SkippedUnits>& skipped);

// The same vectors in the same places, whatever the norms.
bool same_views(const Layout& a, const Layout& b);
// The same norms for the same groups.
bool same_norms(const Layout& a, const Layout& b);

}  // namespace wmk::checkpoint
