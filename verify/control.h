// Controls: the same hypothesis, read in a model that must not carry the mark.
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include "verify/detect.h"

namespace wmk::verify {

// A control at or below this z is null.
inline constexpr double kControlZMax = 4.5;

// z of the total of `shares` in the control as it declares itself, with the frame and tag rule of
// `found`: the plain one, or the largest of its windows if the answer is from a window. Errors: the
// control has no such frame; reading.
Result<ControlZ> read_control(const Subject& control, const Detection& found,
                              const std::vector<unsigned>& shares, const DetectRequest& request);

// All controls of the request, into `found`.
Status read_controls(const std::vector<unsigned>& shares, const DetectRequest& request,
                     Detection& found);

}  // namespace wmk::verify
