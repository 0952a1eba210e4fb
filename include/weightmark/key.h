// The secret key of a mark (specs/key-file.md).
//
// Lifetime: copies of a Key share locked memory, which is wiped with the last of them.
// Thread-safety: immutable.
#pragma once

#include <memory>
#include <string>

#include "weightmark/result.h"

namespace weightmark {

class [[gnu::visibility("default")]] Key {
 public:
  // A random key of 32 bytes.
  static Result<Key> generate();
  // `passphrase`: of a sealed key; ignored otherwise.
  static Result<Key> read(const std::string& path, const std::string& passphrase = {});
  // Creates the file with mode 0600. An existing file is an Error. Empty passphrase: not sealed.
  Status write(const std::string& path, const std::string& passphrase = {}) const;
  // Public name: "wm1" and 32 characters. It reveals nothing about the key.
  std::string fingerprint() const;

  Key(const Key&) noexcept;
  Key& operator=(const Key&) noexcept;
  ~Key();

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit Key(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;  // never null: what is moved from stays a copy
};

}  // namespace weightmark
