// Secret bytes: locked, guarded memory that is wiped on release.
//
// Purpose: every secret is kept in one and read only through reveal(), so an audit is a text
// search. While one exists, the process writes no core dump (crypto/no_core_dump.h). Lifetime: owns
// its memory; movable, not copyable. Thread-safety: reading from any thread is safe.
#pragma once

#include <cstddef>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/no_core_dump.h"

namespace wmk::crypto {

class SecretBytes {
 public:
  static SecretBytes zeros(size_t size);
  static SecretBytes random(size_t size);
  // Copies the bytes and wipes `from`.
  static SecretBytes take(std::span<std::byte> from);

  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  ~SecretBytes();

  size_t size() const { return size_; }
  ByteView reveal() const { return {data_, size_}; }
  std::span<std::byte> reveal_for_writing() { return {data_, size_}; }
  bool equals(const SecretBytes& other) const;  // constant time

 private:
  explicit SecretBytes(size_t size);
  std::byte* data_ = nullptr;
  size_t size_ = 0;
  NoCoreDump no_core_dump_;
};

// A second owner of the same bytes.
SecretBytes copy_of(const SecretBytes& secret);

}  // namespace wmk::crypto
