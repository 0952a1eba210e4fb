// A temporary folder that only this user can read, and that is removed at the end.
//
// Purpose: a run that was killed leaves its folder behind; the next one removes it, since the lock
// of a killed run is free. Lifetime: the folder lives as long as the object. Thread-safety: one
// caller.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace wmk::remote {

class PrivateFolder {
 public:
  // Below TMPDIR, or /tmp.
  static Result<PrivateFolder> make();
  PrivateFolder(PrivateFolder&& other) noexcept;
  PrivateFolder& operator=(PrivateFolder&&) = delete;
  ~PrivateFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  PrivateFolder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace wmk::remote
