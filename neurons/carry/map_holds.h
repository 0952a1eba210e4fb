// Whether a map that was found in one reading of a suspect is the map of another reading.
//
// Purpose: a search costs far more than this test. Thread-safety: pure functions; start their own
// workers; the same answer for any number of them.
#pragma once

#include "neurons/carry/neuron_map.h"

namespace wmk::neurons {

// The map places the neurons of this reading as clearly as those that it was found with, or nearly
// so: kHoldsMin of the part of them that confirmed it. Errors: reading.
inline constexpr double kHoldsMin = 0.9;
Result<bool> holds_for_neurons(const ResidualMap& map, const Model& suspect, const Model& release,
                               unsigned threads);

// The map places this part of the suspect's longest tokens, of which at most half have a
// counterpart among those of the release. Errors: reading.
inline constexpr double kTokensHoldMin = 0.4;
Result<bool> holds_for_tokens(const ResidualMap& map, const Model& suspect, const Model& release,
                              unsigned threads);

}  // namespace wmk::neurons
