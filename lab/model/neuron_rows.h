// Replaces the neurons of matrices by other ones, in any number.
//
// Purpose: attacks that add neurons see one row for each neuron, whether a matrix stores neurons as
// rows (gate, up) or as columns (down). Thread-safety: pure functions, except those that edit a
// Model.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.h"
#include "lab/model/model.h"
#include "lab/model/units.h"

namespace wmk::lab {

// Gets the rows of all neurons, one after the other, and replaces them by those of the new ones.
using NeuronChange = std::function<void(Values& rows)>;

// How one attack changes the three matrices of a group; `gate` is not called where there is none.
struct GroupChange {
  NeuronChange gate, up, down;
};

// Plans the change of all groups; `after(units)` is the new number of neurons of a group that has
// `units`. Sizes in the configuration change accordingly. Errors (unsupported): fused or stacked
// matrices, biases, a norm inside the feed-forward network.
Status change_neurons(Model& model, std::string_view attack,
                      const std::function<uint64_t(uint64_t units)>& after,
                      const std::function<GroupChange(const UnitGroup&)>& change);

}  // namespace wmk::lab
