// Controls: the same hypothesis, read in a model that must not carry the mark.
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include "verify/detect.h"

namespace wmk::verify {

// A control at or below this z is null.
inline constexpr double kControlZMax = 4.5;

// z of the total of `shares` in the control, with the frame and tag rule of `found`. Errors: the
// control has no such frame; reading.
Result<ControlZ> read_control(const Subject& control, const Detection& found,
                              const std::vector<unsigned>& shares, const DetectRequest& request);

}  // namespace wmk::verify
