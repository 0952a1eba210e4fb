// From z to a verdict (specs/verdicts.md).
//
// Null hypothesis: the carriers are uniform and independent of the suspect and of the frame; p is
// Hoeffding's bound times the price of the hypothesis. Whether a mark is excluded: exclusion.h.
// Thread-safety: pure functions.
#pragma once

#include <optional>

#include "base/result.h"
#include "report/level.h"

namespace wmk::verify {

inline constexpr double kDefaultAlpha = 1e-9;

// An Error unless it is a rate between 0 and 1.
Status check_alpha(double alpha);

// Conclusive or detected; none: not a yes. ln_p is at most 0.
std::optional<report::Level> yes_level(double ln_p, double alpha);

// Whether this z is conclusive: p <= 2^-128.
bool is_conclusive(double z, double price);

// ln (price exp(-z^2 / 2)) without the limit of 0, to compare hypotheses that show nothing.
double ln_price_p(double z, double price);

// Where a licensee of this z stands in a list, which falls: at z, or at |z| where a negative z is a
// yes, because the licensee's mark was subtracted from the copy.
double listed_z(double z, double price, double alpha);

}  // namespace wmk::verify
