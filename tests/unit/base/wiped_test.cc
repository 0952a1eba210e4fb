// Memory that is wiped before it is freed.
#include "base/memory/wiped.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <span>

namespace wmk {
namespace {

size_t freed_blocks, dirty_blocks;

// Looks at each block that it gets back.
template <class T>
struct Inspecting {
  using value_type = T;
  Inspecting() = default;
  template <class U>
  Inspecting(const Inspecting<U>&) {}  // NOLINT(google-explicit-constructor)
  T* allocate(size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* values, size_t count) {
    const auto bytes = std::as_bytes(std::span(values, count));
    ++freed_blocks;
    dirty_blocks += std::ranges::any_of(bytes, [](std::byte b) { return b != std::byte{0}; });
    std::allocator<T>().deallocate(values, count);
  }
  bool operator==(const Inspecting&) const = default;
};

template <class Allocator>
void fill_and_free() {
  freed_blocks = dirty_blocks = 0;
  std::vector<uint32_t, Allocator> values(5, 0x12345678u);
  for (int i = 0; i < 1000; ++i) values.push_back(0xFFFFFFFFu);  // grows several times
  values.resize(3);
  auto moved = std::move(values);
}

}  // namespace

TEST_CASE("a wiping allocator gives back zeros, also when a vector grows") {
  fill_and_free<WipingAllocator<uint32_t, Inspecting<uint32_t>>>();
  CHECK(freed_blocks > 3);
  CHECK(dirty_blocks == 0);
  // The same without it.
  fill_and_free<Inspecting<uint32_t>>();
  CHECK(freed_blocks > 3);
  CHECK(dirty_blocks == freed_blocks);
}

}  // namespace wmk
