// The temporary folder in which the demo plays; it goes when the story is told.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/text.h"

namespace wmk::cli {

class Stage {
 public:
  static Result<Stage> make(bool keep) {
    std::string name = (std::filesystem::temp_directory_path() / "weightmark-demo-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      return Error(ErrorCode::io, cat(name, ": cannot make a temporary folder"));
    }
    return Stage(name, keep);
  }
  Stage(Stage&& other) noexcept : folder_(std::exchange(other.folder_, {})), keep_(other.keep_) {}
  ~Stage() {
    std::error_code ignored;
    if (!folder_.empty() && !keep_) std::filesystem::remove_all(folder_, ignored);
  }
  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path operator/(const char* name) const { return folder_ / name; }

 private:
  Stage(std::filesystem::path folder, bool keep) : folder_(std::move(folder)), keep_(keep) {}
  std::filesystem::path folder_;
  bool keep_;
};

}  // namespace wmk::cli
