#include "base/memory/heap.h"

#include <sys/mman.h>

#include <cstdint>
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

std::vector<float> large_zeros(size_t count) {
  std::vector<float> out;
  out.reserve(count);
#ifdef MADV_HUGEPAGE
  constexpr uintptr_t kPage = 4096;
  const auto begin = reinterpret_cast<uintptr_t>(out.data());
  const uintptr_t first = (begin + kPage - 1) / kPage * kPage;
  const uintptr_t end = (begin + count * sizeof(float)) / kPage * kPage;
  // Where this fails, pages are of the usual size.
  if (first < end) (void)madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
#endif
  out.resize(count);
  return out;
}

}  // namespace wmk
