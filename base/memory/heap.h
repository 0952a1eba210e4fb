// What the allocator does with memory that was freed (without glibc: nothing), and large arrays.
//
// Thread-safety: any thread.
#pragma once

#include <cstddef>
#include <vector>

namespace wmk {

// At the start of main: buffers are used again instead of being given back to the system, which
// would clear them.
void keep_freed_memory();
// Before a phase that needs much memory: what was freed so far goes back to the system.
void return_freed_memory();
// Zeros, in large pages where the system has them: they are cleared in a quarter of the time.
std::vector<float> large_zeros(size_t count);

}  // namespace wmk
