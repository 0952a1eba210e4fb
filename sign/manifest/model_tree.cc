#include "sign/manifest/model_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/errno_text.h"
#include "sign/manifest/path_rules.h"
#include "sign/manifest/statement.h"

namespace wmk::sign {

namespace {

namespace fs = std::filesystem;

constexpr size_t kEntriesMax = 1'000'000;
constexpr size_t kTreeDepthMax = 64;  // each level holds a descriptor open
// Without O_NONBLOCK, opening a pipe that has no writer would block for ever.
constexpr int kReadFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
constexpr int kFolderFlags = O_RDONLY | O_CLOEXEC | O_DIRECTORY;

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

struct OpenFolder {
  Folder folder;
  std::string prefix;      // "" or "a/b/"
  std::string ignored_by;  // of the folder itself
};

// Opens the target of a link inside `root`; -1 if the target is outside, or the kernel cannot
// guarantee that it is inside.
int open_beneath(int root, const std::string& name) {
  open_how how{};
  how.flags = static_cast<uint64_t>(kReadFlags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, root, name.c_str(), &how, sizeof how));
}

// Opens a file component by component, without following links.
int open_plain(int root, std::string_view name) {
  int folder = root;
  while (true) {
    const size_t slash = name.find('/');
    const bool last = slash == std::string_view::npos;
    const std::string part(name.substr(0, slash));
    const int next =
        ::openat(folder, part.c_str(), (last ? kReadFlags : kFolderFlags) | O_NOFOLLOW);
    const int number = errno;
    if (folder != root) ::close(folder);
    errno = number;
    if (next < 0 || last) return next;
    folder = next;
    name.remove_prefix(slash + 1);
  }
}

Error changed(std::string text) { return Error(ErrorCode::invalid_argument, std::move(text)); }

std::string ignored_root(const std::string& name, const TreeOptions& options) {
  return std::ranges::binary_search(options.ignored, name) ? name : std::string();
}

}  // namespace

Result<ModelTree> ModelTree::walk(const fs::path& model, const TreeOptions& options) {
  ModelTree tree;
  tree.path_ = model;
  tree.root_ = ::open(model.c_str(), kFolderFlags);
  if (tree.root_ < 0 && errno != ENOTDIR) return errno_error(model, "cannot open", errno);
  tree.single_file_ = tree.root_ < 0;
  auto status = tree.single_file_
                    ? tree.add(AT_FDCWD, std::string(kSingleFileName), model.c_str(), options, {})
                    : tree.walk_folder(options);
  if (!status) return std::move(status).error();
  std::ranges::sort(tree.entries_, {}, &TreeEntry::name);
  return tree;
}

Status ModelTree::walk_folder(const TreeOptions& options) {
  std::vector<OpenFolder> open;
  const auto enter = [&](int descriptor, std::string prefix, std::string ignored_by) -> Status {
    DIR* const folder = descriptor < 0 ? nullptr : ::fdopendir(descriptor);
    if (folder == nullptr) return errno_error(path_ / prefix, "cannot list", errno);
    open.push_back({Folder(folder), std::move(prefix), std::move(ignored_by)});
    return {};
  };
  auto status = enter(::openat(root_, ".", kFolderFlags), "", "");
  while (status && !open.empty()) {
    OpenFolder& level = open.back();
    errno = 0;
    const dirent* const found = ::readdir(level.folder.get());
    if (found == nullptr) {
      if (errno != 0) return errno_error(path_ / level.prefix, "cannot list", errno);
      open.pop_back();
      continue;
    }
    const std::string_view last = found->d_name;
    if (last == "." || last == "..") continue;
    std::string name = cat(level.prefix, last);
    if (name == options.seal) continue;
    std::string ignored_by = level.ignored_by;
    if (ignored_by.empty()) ignored_by = ignored_root(name, options);
    const int inside =
        ::openat(::dirfd(level.folder.get()), found->d_name, kFolderFlags | O_NOFOLLOW);
    if (inside < 0) {
      status = add(::dirfd(level.folder.get()), name, found->d_name, options, ignored_by);
    } else if (open.size() >= kTreeDepthMax) {
      ::close(inside);
      return Error(ErrorCode::limit_exceeded, cat(escaped(path_.string()), ": folders are nested ",
                                                  "more than ", kTreeDepthMax, " deep"));
    } else {
      status = enter(inside, name + "/", std::move(ignored_by));
    }
  }
  return status;
}

Status ModelTree::add(int folder, std::string name, const char* last, const TreeOptions& options,
                      std::string_view ignored_by) {
  if (entries_.size() >= kEntriesMax) {
    return Error(ErrorCode::limit_exceeded,
                 cat(escaped(path_.string()), ": more than ", kEntriesMax, " files"));
  }
  struct stat info;
  const int how = single_file_ ? 0 : AT_SYMLINK_NOFOLLOW;
  if (::fstatat(folder, last, &info, how) != 0) {
    return errno_error(single_file_ ? path_ : path_ / name, "cannot stat", errno);
  }
  TreeEntry entry;
  entry.name = std::move(name);
  entry.ignored_by = ignored_by;
  entry.kind = S_ISREG(info.st_mode)   ? EntryKind::file
               : S_ISLNK(info.st_mode) ? EntryKind::link
                                       : EntryKind::special;
  // A folder that cannot be opened could hide unsigned files.
  if (S_ISDIR(info.st_mode)) return errno_error(path_ / entry.name, "cannot open", EACCES);
  if (entry.kind == EntryKind::link && options.follow_links) {
    const int target = open_beneath(root_, entry.name);
    entry.followed = target >= 0 && ::fstat(target, &info) == 0 && S_ISREG(info.st_mode);
    if (target >= 0) ::close(target);
    if (entry.followed) entry.kind = EntryKind::file;
  }
  entry.bytes = entry.kind == EntryKind::file ? static_cast<uint64_t>(info.st_size) : 0;
  entry.device = info.st_dev;
  entry.inode = info.st_ino;
  entries_.push_back(std::move(entry));
  return {};
}

ModelTree::ModelTree(ModelTree&& other) noexcept
    : path_(std::move(other.path_)),
      root_(std::exchange(other.root_, -1)),
      single_file_(other.single_file_),
      entries_(std::move(other.entries_)) {}

ModelTree::~ModelTree() {
  if (root_ >= 0) ::close(root_);
}

const TreeEntry* ModelTree::find(std::string_view name) const {
  const auto found = std::ranges::lower_bound(entries_, name, {}, &TreeEntry::name);
  return found != entries_.end() && found->name == name ? &*found : nullptr;
}

Result<StableFile> ModelTree::open(const TreeEntry& entry) const {
  const int descriptor = single_file_     ? ::open(path_.c_str(), kReadFlags)
                         : entry.followed ? open_beneath(root_, entry.name)
                                          : open_plain(root_, entry.name);
  if (descriptor < 0 && (errno == ELOOP || errno == ENOENT || errno == ENOTDIR)) {
    return changed("changed during reading");
  }
  if (descriptor < 0) return Error(ErrorCode::io, cat("cannot open: ", errno_text(errno)));
  StableFile file(descriptor);
  if (!file.is_regular()) return changed("is no longer a regular file");
  if (!file.is(entry.device, entry.inode)) return changed("changed during reading");
  return file;
}

}  // namespace wmk::sign
