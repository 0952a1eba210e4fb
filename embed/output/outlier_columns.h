// The columns of a head along which hidden states are expected to be large (specs/output.md 1.2).
//
// Purpose: directions of the mark leave them out, since a change along them costs most.
// Thread-safety: pure function; starts its own workers. The same answer for any number of them.
#pragma once

#include <cstdint>
#include <vector>

#include "embed/output/head_rows.h"

namespace wmk::embed {

// By column: 1 for the width / 32 columns with the largest diagonal entries of A^-1, A the second
// moment of the centred rows. None in heads of fewer than twice as many rows as columns.
Result<std::vector<uint8_t>> outlier_columns(const HeadRows& rows, unsigned threads);

}  // namespace wmk::embed
