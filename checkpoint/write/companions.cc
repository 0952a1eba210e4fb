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

class Planner {
 public:
  Planner(const Checkpoint& source, const CompanionChoices& choices) : choices_(choices) {
    for (const ReadFile& file : source.files()) marked_.insert(file.path().filename());
  }

  Result<Companions> run(const fs::path& folder) {
    if (auto status = check_choices(); !status) return std::move(status).error();
    std::error_code failure;
    root_ = fs::canonical(folder, failure);
    fs::recursive_directory_iterator at(root_, failure), end;
    for (; !failure && at != end; at.increment(failure)) {
      if (!enters(*at)) at.disable_recursion_pending();
    }
    if (failure) return errno_error(folder, "cannot list the model's folder", failure.value());
    if (auto status = check_used(); !status) return std::move(status).error();
    if (!open_questions_.empty()) return question();
    const auto by_path = [](const auto& a, const auto& b) { return a.path < b.path; };
    std::sort(out_.copied.begin(), out_.copied.end(), by_path);
    std::sort(out_.left.begin(), out_.left.end(), by_path);
    return std::move(out_);
  }

 private:
  static Error invalid(std::string text) {
    return Error(ErrorCode::invalid_argument, std::move(text));
  }

  Status check_choices() {
    for (const auto* list : {&choices_.copy, &choices_.leave}) {
      const std::string_view option = list == &choices_.copy ? "--copy" : "--leave";
      auto& chosen = list == &choices_.copy ? copy_ : leave_;
      for (const std::string& name : *list) {
        fs::path path = fs::path(name).lexically_normal();
        if (path.filename().empty()) path = path.parent_path();
        if (marked_.contains(path)) {
          return invalid(cat(option, " '", escaped(name), "': this file is marked"));
        }
        if (copy_.contains(path)) {
          return invalid(cat("'", escaped(name), "' is named by both --copy and --leave"));
        }
        chosen.insert(std::move(path));
      }
    }
    return {};
  }

  // A choice that names nothing may be a typing error that lets something through.
  Status check_used() const {
    for (const auto* chosen : {&copy_, &leave_}) {
      for (const fs::path& path : *chosen) {
        if (used_.contains(path)) continue;
        return invalid(cat(chosen == &copy_ ? "--copy" : "--leave", " '", escaped(path.string()),
                           "': the model's folder has no such entry"));
      }
    }
    return {};
  }

  // Whether the entry or a folder around it was chosen.
  bool chosen(const std::set<fs::path>& names, const fs::path& relative) {
    for (fs::path path = relative; !path.empty(); path = path.parent_path()) {
      if (!names.contains(path)) continue;
      used_.insert(path);
      return true;
    }
    return false;
  }

  // Whether something inside this folder was chosen, so that it must be entered although hidden.
  bool leads_to_copy(const fs::path& relative) const {
    return std::any_of(copy_.begin(), copy_.end(),
                       [&](const fs::path& path) { return is_inside(path, relative); });
  }

  void leave(const fs::path& relative, std::string reason) {
    out_.left.push_back({relative, std::move(reason)});
  }

  // Decides about one entry; true: a folder to go into.
  bool enters(const fs::directory_entry& entry) {
    const fs::path relative = entry.path().lexically_relative(root_);
    if (marked_.contains(relative)) return false;
    if (chosen(leave_, relative)) return leave(relative, "--leave"), false;
    const bool wanted = chosen(copy_, relative);
    std::error_code failure;
    const bool hidden = relative.filename().string().starts_with('.');
    if (entry.is_symlink() && !is_inside(fs::weakly_canonical(entry.path(), failure), root_)) {
      return refuse(relative, wanted, "a link out of the model's folder");
    }
    if (entry.is_directory(failure)) {
      if (entry.is_symlink()) return refuse(relative, wanted, "a link to a folder");
      if (hidden && !wanted && !leads_to_copy(relative)) return leave_hidden(relative);
      out_.folders.push_back(relative);
      return true;
    }
    if (hidden && !wanted) return leave_hidden(relative);
    if (!entry.is_regular_file(failure)) return refuse(relative, wanted, "not a regular file");
    decide(entry, relative, wanted);
    return false;
  }

  bool leave_hidden(const fs::path& relative) {
    leave(relative, "its name begins with a dot");
    return false;
  }

  bool refuse(const fs::path& relative, bool wanted, std::string_view what) {
    if (wanted) {
      open_questions_.push_back({relative, cat("is ", what, ", which --copy does not follow")});
    } else {
      leave(relative, std::string(what));
    }
    return false;
  }

  void decide(const fs::directory_entry& entry, const fs::path& relative, bool wanted) {
    std::error_code failure;
    const uint64_t size = entry.file_size(failure);
    const bool weights = is_weights_file(entry.path());
    if (wanted) {
      out_.copied.push_back({relative, weights ? "unmarked weights, copied for --copy" : ""});
    } else if (weights) {
      open_questions_.push_back({relative, "holds weights that are not marked"});
    } else if (is_known_companion(relative.filename().string()) && size <= kCompanionBytesMax) {
      out_.copied.push_back({relative, ""});
    } else if (size > kUnknownBytesMax) {
      open_questions_.push_back(
          {relative, cat("has ", si(static_cast<double>(size), "B"), " of an unknown kind")});
    } else {
      out_.copied.push_back({relative, "a small file of an unknown kind"});
    }
  }

  Error question() {
    std::sort(open_questions_.begin(), open_questions_.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    std::string text, hint;
    for (size_t i = 0; i < open_questions_.size() && i < kNamedMax; ++i) {
      const std::string name = escaped(open_questions_[i].path.string());
      text += cat(i == 0 ? "" : "; ", "'", name, "' ", open_questions_[i].reason);
      hint += cat(" --leave '", name, "'");
    }
    if (open_questions_.size() > kNamedMax) {
      text += cat("; and ", open_questions_.size() - kNamedMax, " more files");
      hint += " ...";
    }
    return invalid(std::move(text))
        .with_hint(cat("use", hint,
                       " to leave them out of the release, or --copy NAME to copy one unmarked"));
  }

  const CompanionChoices& choices_;
  fs::path root_;
  std::set<fs::path> marked_, copy_, leave_, used_;
  std::vector<Companions::Left> open_questions_;
  Companions out_;
};

}  // namespace

Result<Companions> plan_companions(const Checkpoint& source, const CompanionChoices& choices) {
  if (!source.is_single_file()) return Planner(source, choices).run(source.folder());
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
