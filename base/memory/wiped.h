// Memory that is wiped before it is freed: for values that a key determines and that are too large,
// or made too often, for the locked memory of crypto/secret.h.
//
// Purpose: key streams, carriers and codes leave nothing in freed memory. Use WipedVector like a
// vector; it wipes what it gives up when it grows, too. Thread-safety: that of std::vector.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace wmk {

// Overwrites with zeros; never optimised away.
void wipe(void* memory, size_t bytes);

// `Upstream` provides the memory and gets it back wiped.
template <class T, class Upstream = std::allocator<T>>
struct WipingAllocator {
  using value_type = T;
  // The allocator of another type with the same kind of memory.
  template <class U>
  struct rebind {
    using Memory = typename std::allocator_traits<Upstream>::template rebind_alloc<U>;
    using other = WipingAllocator<U, Memory>;
  };

  WipingAllocator() = default;
  template <class U, class Other>
  WipingAllocator(const WipingAllocator<U, Other>&) {}  // NOLINT(google-explicit-constructor)

  T* allocate(size_t count) { return Upstream().allocate(count); }
  void deallocate(T* values, size_t count) {
    wipe(values, count * sizeof(T));
    Upstream().deallocate(values, count);
  }
  bool operator==(const WipingAllocator&) const = default;
};

template <class T>
using WipedVector = std::vector<T, WipingAllocator<T>>;
using WipedBytes = WipedVector<std::byte>;

}  // namespace wmk
