// A temporary folder that only this user can read, and that is removed at the end.
//
// Purpose: a run that was killed leaves its folder behind; the next one of the same purpose removes
// it, since the lock of a killed run is free. Lifetime: the folder lives as long as the object, or
// is kept. Thread-safety: one caller.
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace wmk {

class PrivateFolder {
 public:
  // "weightmark-PURPOSE-XXXXXX" below TMPDIR, or /tmp. With `keep`,
  // "weightmark-kept-PURPOSE-XXXXXX", which nobody removes.
  static Result<PrivateFolder> make(std::string_view purpose, bool keep = false);
  PrivateFolder(PrivateFolder&& other) noexcept;
  PrivateFolder& operator=(PrivateFolder&&) = delete;
  ~PrivateFolder();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  PrivateFolder(std::filesystem::path path, int lock, bool keep)
      : path_(std::move(path)), lock_(lock), keep_(keep) {}
  std::filesystem::path path_;
  int lock_ = -1;
  bool keep_ = false;
};

}  // namespace wmk
