// The sums of scans that the processes of mpirun make together (specs/processes.md 2).
//
// Thread-safety: one caller at a time, on each process.
#pragma once

#include "embed/parts/part_sums.h"

namespace wmk::embed {

// (all) Of the processes of this run, for DetectRequest::parts. Each scan is shared when it is
// read, so that all processes know its sums and go the same way.
PartSums sums_of_processes();

}  // namespace wmk::embed
