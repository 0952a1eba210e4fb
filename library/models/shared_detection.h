// Detection and tracing by the processes of mpirun together (specs/processes.md 2).
//
// Thread-safety: one caller at a time, on each process.
#pragma once

#include "embed/parts/part_sums.h"
#include "verify/trace/trace.h"

namespace wmk::library {

// (all) For DetectRequest::parts. Errors: a process that has another model, another question or
// another program, as parts of a detection must not have (library/models/part_identity.h).
Result<embed::PartSums> sums_of_processes(checkpoint::ReadingList& suspect,
                                          const verify::DetectRequest& request);
// (all) The same for TraceRequest::sums.
Result<embed::PartSums> sums_of_processes(checkpoint::ReadingList& suspect,
                                          const verify::TraceRequest& request);

}  // namespace wmk::library
