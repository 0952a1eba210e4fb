// What searches for one release have computed about it, for those that follow.
//
// Purpose: several readings of a suspect are searched for the same neurons. Lifetime: values, of
// one release. Thread-safety: one caller.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "neurons/rows/neuron_rows.h"

namespace wmk::neurons {

// Numbers of the rows of a cloud under a form, by the layers of form and cloud.
using NumbersByLayers = std::map<std::pair<size_t, size_t>, Rows>;

struct ReleaseMemo {
  std::vector<std::vector<double>> spectra;  // by layer; empty: not yet known
  NumbersByLayers of_probes, of_clouds;      // of a part of the rows, of all
};

}  // namespace wmk::neurons
