#include "base/memory/heap.h"

#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace wmk {

#ifdef __GLIBC__
void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
}
void return_freed_memory() { malloc_trim(0); }
#else
void keep_freed_memory() {}
void return_freed_memory() {}
#endif

}  // namespace wmk
