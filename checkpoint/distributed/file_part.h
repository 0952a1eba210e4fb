// A range of a file, read as a file of its own.
//
// Lifetime: refers to the whole file, which must outlive it. Thread-safety: as ReadFile.
#pragma once

#include "base/file.h"

namespace wmk::checkpoint {

// Bytes [begin, begin + bytes), which lie inside `whole`.
ReadFile part_of(const ReadFile& whole, uint64_t begin, uint64_t bytes);

}  // namespace wmk::checkpoint
