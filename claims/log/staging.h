// New tiles of one append, written beside the log and then moved into it.
//
// Purpose: all files are written first and synced together, because the first sync waits for most
// of the others. Lifetime: files that were not moved stay, as after a kill; begin() removes what an
// earlier run left. Thread-safety: one caller.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/file.h"
#include "claims/log/appender.h"

namespace wmk::claims {

class Staging {
 public:
  static Result<Staging> begin(const std::filesystem::path& log, const StepHook& hook);

  // `name`: the path inside the log.
  Status add(const std::string& name, std::string_view bytes);
  // Syncs all files, moves them to their names and syncs their folders.
  Status move_into_log();

 private:
  Staging(std::filesystem::path log, const StepHook& hook) : log_(std::move(log)), hook_(hook) {}
  struct Staged {
    std::filesystem::path from, to;
    WriteFile file;
  };
  Status make_folder_of(const std::filesystem::path& file);

  std::filesystem::path log_;
  const StepHook& hook_;
  std::vector<Staged> files_;
  std::set<std::filesystem::path> folders_;  // to be synced; children after their parents
};

inline constexpr const char* kStagingName = ".staging";

// Calls the hook, if there is one.
inline Status step(const StepHook& hook, std::string_view name) {
  return hook ? hook(name) : Status();
}

}  // namespace wmk::claims
