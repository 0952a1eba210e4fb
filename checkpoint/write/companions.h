// Companions: which files of a model's folder go into a marked copy beside the weights.
//
// Purpose: a release must never hold weights that were not marked, because comparing the two shows
// the mark. So only small files of known kinds are copied by themselves; whatever else could hold
// weights needs the publisher's word. Decided before any work (specs/checkpoint.md 12).
// Thread-safety: pure functions; they read the file system.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "checkpoint/checkpoint.h"

namespace wmk::checkpoint {

// Larger files are only copied if their kind is known.
inline constexpr uint64_t kUnknownBytesMax = 1 << 20;
// Files of known kinds above this size are treated like unknown ones.
inline constexpr uint64_t kCompanionBytesMax = 64 << 20;

// Paths relative to the model's folder, of files or folders.
struct CompanionChoices {
  std::vector<std::string> copy = {};   // copied whatever they are
  std::vector<std::string> leave = {};  // not copied
};

struct Companions {
  struct Copied {
    std::filesystem::path path;  // relative to the model's folder
    std::string note;            // why the user should look at it; empty for known companions
  };
  struct Left {
    std::filesystem::path path;
    std::string reason;
  };
  std::vector<std::filesystem::path> folders;  // to create; a folder comes before its content
  std::vector<Copied> copied;                  // sorted by path, like `left`
  std::vector<Left> left;
};

// Errors (invalid_argument): files that need a choice, all named; a choice that names nothing, a
// marked weights file, or the same entry twice.
Result<Companions> plan_companions(const Checkpoint& source, const CompanionChoices& choices);

// "left out '.git': ..." for everything that the user should know.
std::vector<std::string> notes_of(const Companions& companions);

}  // namespace wmk::checkpoint
