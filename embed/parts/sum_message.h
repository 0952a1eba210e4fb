// Sums as messages of a part's file, and back (specs/parts.md 1).
//
// Thread-safety: pure functions.
#pragma once

#include "base/result.h"
#include "embed/parts/sums.h"

namespace wmk::proto {
class ScanSum;
}

namespace wmk::embed {

void put_sum(const ScanSum& from, proto::ScanSum& to);
// Errors (malformed): numbers that no sum has.
Result<ScanSum> sum_from(const proto::ScanSum& from);

}  // namespace wmk::embed
