// The processes that work on one command: those that mpirun started, or this one alone.
//
// Purpose: processes share the weights by their numbers and hand what they found to the first one,
// which answers (specs/processes.md). Built without -DWEIGHTMARK_MPI=ON, there is one process.
// Functions marked (all) are called by all processes in the same order. Thread-safety: main thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"

namespace wmk::mpi {

struct Place {
  unsigned number = 0, count = 1;

  bool is_first() const { return number == 0; }
  bool is_alone() const { return count == 1; }
};

// At the start of main. MPI takes its own words out of the command line. `print`: an error, also on
// a process that is otherwise silent.
void begin(int& argc, char**& argv, void (*print)(const Error&));
Place place();

// (all) The first process takes the bytes of each one, its own included, in the order of their
// numbers: one at a time is in memory. Then all get its answer. Error: that of the first process
// that has one, which it names, or that of `take`; after it, exchanges fail at once.
struct Exchange {
  std::function<Status(unsigned number, std::string bytes)> take;
  std::function<std::string()> answer = {};  // none: no bytes
};
Result<std::string> exchange(Result<std::string> own, const Exchange& first);
// (all) All have come here, or all have the error of one.
Status meet(Status own);

// (all) At the end of main: the exit code of the first process is the command's. `error`: why this
// one failed. Where others are still at work after an error, they are ended.
int end(int code, const std::optional<Error>& error);

}  // namespace wmk::mpi
