#include "checkpoint/write/companions.h"

#include <algorithm>
#include <set>

#include "base/errno_text.h"
#include "base/text.h"
#include "checkpoint/files/weights_file.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/write/known_companion.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr size_t kNamedMax = 10;  // in one error
constexpr std::string_view kHidden = "its name begins with a dot";

Error invalid(std::string text) { return Error(ErrorCode::invalid_argument, std::move(text)); }

// Which entries --copy and --leave name, by the path relative to the model's folder.
class Choices {
 public:
  Status take(const CompanionChoices& choices, const std::set<fs::path>& marked) {
    for (const auto* list : {&choices.copy, &choices.leave}) {
      const std::string_view option = list == &choices.copy ? "--copy" : "--leave";
      auto& names = list == &choices.copy ? copy_ : leave_;
      for (const std::string& name : *list) {
        fs::path path = fs::path(name).lexically_normal();
        if (path.filename().empty()) path = path.parent_path();
        if (marked.contains(path)) {
          return invalid(cat(option, " '", escaped(name), "': this file is marked"));
        }
        if (copy_.contains(path)) {
          return invalid(cat("'", escaped(name), "' is named by both --copy and --leave"));
        }
        names.insert(std::move(path));
      }
    }
    return {};
  }

  bool leaves(const fs::path& relative) { return chosen(leave_, relative); }
  bool copies(const fs::path& relative) { return chosen(copy_, relative); }
  // Something inside this folder is to be copied, so it must be entered although it is hidden.
  bool copies_inside(const fs::path& relative) const {
    return std::any_of(copy_.begin(), copy_.end(),
                       [&](const fs::path& path) { return is_inside(path, relative); });
  }

  // A choice that names nothing may be a typing error that lets something through.
  Status check_used() const {
    for (const auto* names : {&copy_, &leave_}) {
      for (const fs::path& path : *names) {
        if (used_.contains(path)) continue;
        return invalid(cat(names == &copy_ ? "--copy" : "--leave", " '", escaped(path.string()),
                           "': the model's folder has no such entry"));
      }
    }
    return {};
  }

 private:
  // Whether the entry or a folder around it is named.
  bool chosen(const std::set<fs::path>& names, const fs::path& relative) {
    for (fs::path path = relative; !path.empty(); path = path.parent_path()) {
      if (!names.contains(path)) continue;
      used_.insert(path);
      return true;
    }
    return false;
  }

  std::set<fs::path> copy_, leave_, used_;
};

// One error about all files that need a choice.
Error question(std::vector<Companions::Left> files) {
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  std::string text, hint;
  for (size_t i = 0; i < files.size() && i < kNamedMax; ++i) {
    const std::string name = escaped(files[i].path.string());
    text += cat(i == 0 ? "" : "; ", "'", name, "' ", files[i].reason);
    hint += cat(" --leave '", name, "'");
  }
  if (files.size() > kNamedMax) {
    text += cat("; and ", files.size() - kNamedMax, " more files");
    hint += " ...";
  }
  return invalid(std::move(text))
      .with_hint(cat("use", hint, " to leave files out, or --copy NAME to copy one unmarked"));
}

class Planner {
 public:
  explicit Planner(const Checkpoint& source) {
    for (const ReadFile& file : source.files()) marked_.insert(file.path().filename());
  }

  Result<Companions> run(const fs::path& folder, const CompanionChoices& choices) {
    if (auto status = choices_.take(choices, marked_); !status) return std::move(status).error();
    std::error_code failure;
    root_ = fs::canonical(folder, failure);
    fs::recursive_directory_iterator at(root_, failure), end;
    for (; !failure && at != end; at.increment(failure)) {
      if (!enters(*at)) at.disable_recursion_pending();
    }
    if (failure) return errno_error(folder, "cannot list the model's folder", failure.value());
    if (auto status = choices_.check_used(); !status) return std::move(status).error();
    if (!questions_.empty()) return question(std::move(questions_));
    const auto by_path = [](const auto& a, const auto& b) { return a.path < b.path; };
    std::sort(out_.copied.begin(), out_.copied.end(), by_path);
    std::sort(out_.left.begin(), out_.left.end(), by_path);
    return std::move(out_);
  }

 private:
  // Decides about one entry; true: a folder to go into.
  bool enters(const fs::directory_entry& entry) {
    const fs::path relative = entry.path().lexically_relative(root_);
    if (marked_.contains(relative)) return false;
    if (choices_.leaves(relative)) return leave(relative, "--leave");
    const bool wanted = choices_.copies(relative);
    std::error_code failure;
    const bool hidden = !wanted && relative.filename().string().starts_with('.');
    if (entry.is_symlink() && !may_lead_to(fs::weakly_canonical(entry.path(), failure), root_)) {
      return refuse(relative, wanted, "a link out of the model's folder");
    }
    if (entry.is_directory(failure)) {
      if (entry.is_symlink()) return refuse(relative, wanted, "a link to a folder");
      if (hidden && !choices_.copies_inside(relative)) return leave(relative, kHidden);
      out_.folders.push_back(relative);
      return true;
    }
    if (hidden) return leave(relative, kHidden);
    if (!entry.is_regular_file(failure)) return refuse(relative, wanted, "not a regular file");
    decide(entry, relative, wanted);
    return false;
  }

  bool leave(const fs::path& relative, std::string_view reason) {
    out_.left.push_back({relative, std::string(reason)});
    return false;
  }

  bool refuse(const fs::path& relative, bool wanted, std::string_view what) {
    if (!wanted) return leave(relative, what);
    questions_.push_back({relative, cat("is ", what, ", which --copy does not follow")});
    return false;
  }

  void decide(const fs::directory_entry& entry, const fs::path& relative, bool wanted) {
    std::error_code failure;
    const uint64_t size = entry.file_size(failure);
    const bool weights = is_weights_file(entry.path());
    if (wanted) {
      out_.copied.push_back({relative, weights ? "unmarked weights, copied for --copy" : ""});
    } else if (weights) {
      questions_.push_back({relative, "holds weights that are not marked"});
    } else if (is_known_companion(relative.filename().string()) && size <= kCompanionBytesMax) {
      out_.copied.push_back({relative, ""});
    } else if (size > kUnknownBytesMax) {
      questions_.push_back(
          {relative, cat("has ", si(static_cast<double>(size), "B"), " of an unknown kind")});
    } else {
      out_.copied.push_back({relative, "a small file of an unknown kind"});
    }
  }

  fs::path root_;
  std::set<fs::path> marked_;
  Choices choices_;
  std::vector<Companions::Left> questions_;
  Companions out_;
};

}  // namespace

Result<Companions> plan_companions(const Checkpoint& source, const CompanionChoices& choices) {
  if (!source.is_single_file()) return Planner(source).run(source.folder(), choices);
  if (choices.copy.empty() && choices.leave.empty()) return Companions();
  return Error(ErrorCode::invalid_argument,
               "--copy and --leave are for folders, not for a single weights file");
}

std::vector<std::string> notes_of(const Companions& companions) {
  std::vector<std::string> notes;
  for (const auto& [path, reason] : companions.left) {
    notes.push_back(cat("left out '", escaped(path.string()), "': ", reason));
  }
  for (const auto& [path, note] : companions.copied) {
    if (!note.empty()) notes.push_back(cat("copied '", escaped(path.string()), "': ", note));
  }
  return notes;
}

}  // namespace wmk::checkpoint
