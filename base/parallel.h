// The only place that knows of threads.
//
// Purpose: parallel_for hands out the numbers 0..count-1 to workers. Callers keep one accumulator a
// worker and merge afterwards with an operation that does not care about order (exact sums), so
// that results are the same for any number of threads.
#pragma once

#include <cstddef>
#include <functional>

#include "base/result.h"

namespace wmk {

// Threads to use when the user named none: the processors this process may run on.
unsigned default_threads();

// Calls work(index, worker) for every index; worker is in [0, threads). The first failure stops the
// hand-out; among failures seen, the one of the smallest index is returned.
Status parallel_for(size_t count, unsigned threads,
                    const std::function<Status(size_t index, unsigned worker)>& work);

}  // namespace wmk
