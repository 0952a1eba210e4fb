// The story that `weightmark demo` tells: mark, steal, find.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "cli/command.h"

namespace wmk::cli {

struct DemoOptions {
  std::string model;  // empty: a made-up one
  uint64_t seed = 1;
  bool keep = false;
  CommonOptions common;
};

// Plays all scenes in `stage`, an empty folder, and says each; returns the last verdict's ExitCode.
Result<int> tell_demo_story(const DemoOptions& options, const std::filesystem::path& stage);

}  // namespace wmk::cli
