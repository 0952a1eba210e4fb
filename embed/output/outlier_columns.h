// The columns of a head along which hidden states are expected to be large (specs/output.md 1.2).
//
// Purpose: directions of the mark leave them out, since a change along them costs most.
// Thread-safety: pure function; starts its own workers. The same answer for any number of them.
#pragma once

#include <cstdint>
#include <vector>

#include "embed/output/head_rows.h"

namespace wmk::embed {

// `possible`: twice as many, which hold those of the unmarked head where `rows` are marked.
enum class OutlierPart { exact, possible };

struct OutlierColumns {
  std::vector<uint8_t> flags;  // by column
  // Columns so near to the bound that a mark could have moved them to its other side.
  size_t open = 0;
};

// The width / 32 columns with the largest diagonal entries of A^-1, A the second moment of the
// centred rows. None in heads of fewer than twice as many rows as columns.
Result<OutlierColumns> outlier_columns(const HeadRows& rows, unsigned threads,
                                       OutlierPart part = OutlierPart::exact);

}  // namespace wmk::embed
