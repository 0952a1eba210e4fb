// The only code that starts threads.
//
// Purpose: parallel_for distributes the numbers 0..count-1 over workers. Callers keep one
// accumulator for each worker and merge them with an operation that does not depend on order (exact
// sums), so that results are the same for any number of threads.
#pragma once

#include <cstddef>
#include <functional>

#include "base/result.h"

namespace wmk {

// The default number of threads: the processors that this process may run on.
unsigned default_threads();

// Calls work(index, worker) for every index; worker is in [0, threads). After a failure no further
// index is started. Of several failures, the one with the smallest index is reported. An exception
// of `work`, such as std::bad_alloc, is thrown again in the caller's thread, where it can be
// caught: in a worker it would end the program. Runs on fewer threads if the system starts no more.
Status parallel_for(size_t count, unsigned threads,
                    const std::function<Status(size_t index, unsigned worker)>& work);

}  // namespace wmk
