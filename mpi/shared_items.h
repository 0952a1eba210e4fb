// Lists of texts that processes divide among themselves, or must have in common.
//
// Thread-safety: one caller at a time, on each process.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace wmk::mpi {

// Whether this process makes item number `item`: every n-th one, of n processes.
bool owns(size_t item);

// (all) `own`: what this process made of its items, in their order. All get all of the `count`
// items. Errors: that of a process; one that has another number of items.
Result<std::vector<std::string>> gather(Result<std::vector<std::string>> own, size_t count);

// (all) `own`: what all processes must have in common; the first one compares it with that of each
// other process. Errors: what `check` says; a process that has another number of items.
using Check = std::function<Status(const std::vector<std::string>& other)>;
Status agree(const Result<std::vector<std::string>>& own, const Check& check);

}  // namespace wmk::mpi
