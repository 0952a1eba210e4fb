#include "crypto/secret.h"

#include <sodium.h>

#include <cstring>
#include <new>
#include <utility>

#include "crypto/sodium.h"

namespace wmk::crypto {

namespace {

std::byte* allocate(size_t size) {
  require_sodium();
  // Memory locking may fail (limits of the process); sodium_malloc then still guards and wipes. It
  // returns null only if the address space is exhausted.
  void* memory = sodium_malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return static_cast<std::byte*>(memory);
}

}  // namespace

SecretBytes SecretBytes::zeros(size_t size) {
  std::byte* memory = allocate(size);
  std::memset(memory, 0, size);
  return {memory, size};
}

SecretBytes SecretBytes::random(size_t size) {
  std::byte* memory = allocate(size);
  randombytes_buf(memory, size);
  return {memory, size};
}

SecretBytes SecretBytes::take(std::span<std::byte> from) {
  std::byte* memory = allocate(from.size());
  if (!from.empty()) {
    std::memcpy(memory, from.data(), from.size());
    sodium_memzero(from.data(), from.size());
  }
  return {memory, from.size()};
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    sodium_free(data_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

SecretBytes::~SecretBytes() { sodium_free(data_); }

bool SecretBytes::equals(const SecretBytes& other) const {
  return size_ == other.size_ && (size_ == 0 || sodium_memcmp(data_, other.data_, size_) == 0);
}

}  // namespace wmk::crypto
