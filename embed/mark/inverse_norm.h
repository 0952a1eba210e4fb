// Undoing the folding of norm weights (specs/mark.md 5).
//
// Thread-safety: pure function.
#pragma once

#include <vector>

namespace wmk::embed {

// 1 / norm weight; 0 for a dimension whose norm weight is below a hundredth of their rms: dividing
// by it would amplify noise, so that it gets no change.
std::vector<float> inverse_norm_weight(const std::vector<float>& norm_weight);

}  // namespace wmk::embed
