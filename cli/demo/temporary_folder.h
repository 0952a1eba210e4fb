// The temporary folder of the demo.
//
// Lifetime: the destructor removes the folder, unless it is to be kept. Thread-safety: one owner.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/text.h"

namespace wmk::cli {

class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make(bool keep) {
    std::string name = (std::filesystem::temp_directory_path() / "weightmark-demo-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      return Error(ErrorCode::io, cat(name, ": cannot create a temporary folder"));
    }
    return TemporaryFolder(name, keep);
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept
      : folder_(std::exchange(other.folder_, {})), keep_(other.keep_) {}
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!folder_.empty() && !keep_) std::filesystem::remove_all(folder_, ignored);
  }
  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path operator/(const char* name) const { return folder_ / name; }

 private:
  TemporaryFolder(std::filesystem::path folder, bool keep)
      : folder_(std::move(folder)), keep_(keep) {}
  std::filesystem::path folder_;
  bool keep_;
};

}  // namespace wmk::cli
