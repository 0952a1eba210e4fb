#include "tests/support/freed_memory.h"

#include <malloc.h>
#include <string.h>

#include <cstdlib>
#include <new>

#include "tests/support/sanitized.h"

namespace wmk::test {

namespace {

std::atomic<FreedMemory*> watcher{nullptr};

}  // namespace

FreedMemory::FreedMemory(const std::vector<Secret>& secrets)
    : secrets_(secrets), counts_(secrets.size()) {
  watcher = this;
}

FreedMemory::~FreedMemory() { watcher = nullptr; }

std::string FreedMemory::found() const {
  std::string out;
  for (size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] > 0) out += (out.empty() ? "" : " ") + secrets_[i].name;
  }
  return out;
}

void FreedMemory::look_at(const void* memory, size_t bytes) {
  ++blocks_;
  for (size_t i = 0; i < counts_.size(); ++i) {
    const Bytes& secret = secrets_[i].bytes;
    counts_[i] += ::memmem(memory, bytes, secret.data(), secret.size()) != nullptr;
  }
}

bool FreedMemory::is_watched() { return !WMK_SANITIZED; }

#if !WMK_SANITIZED
namespace {

void* taken(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void give_back(void* memory) {
  FreedMemory* const watching = watcher;
  if (watching != nullptr && memory != nullptr) {
    watching->look_at(memory, ::malloc_usable_size(memory));
  }
  std::free(memory);
}

}  // namespace
#endif

}  // namespace wmk::test

#if !WMK_SANITIZED
void* operator new(size_t bytes) { return wmk::test::taken(std::malloc(bytes > 0 ? bytes : 1)); }
void* operator new(size_t bytes, std::align_val_t line) {
  const auto unit = static_cast<size_t>(line);
  return wmk::test::taken(std::aligned_alloc(unit, (bytes + unit) / unit * unit));
}
void operator delete(void* memory) noexcept { wmk::test::give_back(memory); }
void operator delete(void* memory, size_t) noexcept { wmk::test::give_back(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { wmk::test::give_back(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  wmk::test::give_back(memory);
}
#endif
