#include "crypto/secret.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "crypto/sodium.h"

namespace wmk::crypto {

SecretBytes::SecretBytes(size_t size) : size_(size) {
  require_sodium();
  // Memory locking may fail (limits of the process); sodium_malloc then still guards and wipes. It
  // returns null only if the address space is exhausted.
  data_ = static_cast<std::byte*>(sodium_malloc(size));
  if (data_ == nullptr) throw std::bad_alloc();
}

SecretBytes SecretBytes::zeros(size_t size) {
  SecretBytes out(size);
  std::memset(out.data_, 0, size);
  return out;
}

SecretBytes SecretBytes::random(size_t size) {
  SecretBytes out(size);
  randombytes_buf(out.data_, size);
  return out;
}

SecretBytes SecretBytes::take(std::span<std::byte> from) {
  SecretBytes out(from.size());
  if (!from.empty()) {
    std::memcpy(out.data_, from.data(), from.size());
    sodium_memzero(from.data(), from.size());
  }
  return out;
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

SecretBytes copy_of(const SecretBytes& secret) {
  SecretBytes out = SecretBytes::zeros(secret.size());
  std::copy(secret.reveal().begin(), secret.reveal().end(), out.reveal_for_writing().begin());
  return out;
}

}  // namespace wmk::crypto
