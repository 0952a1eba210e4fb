// Items of a list that processes divide among themselves.
//
// Thread-safety: one caller at a time, on each process.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace wmk::mpi {

// Whether this process makes item number `item`: every n-th one, of n processes.
bool owns(size_t item);

// (all) `own`: what this process made of its items, in their order. All get all of the `count`
// items. Errors: that of a process; one that has another number of items.
Result<std::vector<std::string>> gather(Result<std::vector<std::string>> own, size_t count);

}  // namespace wmk::mpi
